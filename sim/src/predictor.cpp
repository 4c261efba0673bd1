#include <headroom/sim/predictor.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/sim/chunks.h>
#include <headroom/sim/combination.h>

#include "live_tensor.h"
#include "narration/listeners/both_memories.h"
#include "narration/listeners/event_log.h"
#include "narration/listeners/levels.h"
#include "narration/listeners/on_host.h"
#include "narration/listeners/peaks_of.h"
#include "narration/narrate.h"

namespace headroom {

template <>
std::span<const Named<sim::Memory>> values_of<sim::Memory>() {
  static constexpr Named<sim::Memory> kValues[] = {{sim::Memory::device, "device", "device memory"},
                                                   {sim::Memory::host, "host", "host memory"}};
  return kValues;
}

}  // namespace headroom

namespace headroom::sim {
namespace {

/// The moment, with the stage where the plan is of one among several.
Moment on_stage(const StepPlan& plan, Moment moment) {
  const Stage& stage = plan.fixed.stage;
  if (stage.stages > 1) moment.stage = stage.index;
  return moment;
}

template <class Level>
Peak peak_of(const StepPlan& plan, const Level& empty) {
  PeaksOf<Level> listener(empty);
  narrate(plan, listener);
  return {listener.peak().level.total(), on_stage(plan, listener.peak().moment)};
}

[[nodiscard]] bool grows_with_sequence(Category c) {
  return c == Category::kv_cache || c == Category::saved_activations || c == Category::attention ||
         c == Category::feed_forward || c == Category::head_and_loss || c == Category::communication;
}

Category largest_growing(const BytesByCategory& categories) {
  Category best = Category::saved_activations;
  for (const auto& named : values_of<Category>()) {
    if (grows_with_sequence(named.value) && categories[named.value] > categories[best]) best = named.value;
  }
  return best;
}

void add_device_overhead(BytesByCategory& categories, const Device& device) {
  categories[Category::context] += device.context.bytes;
  categories[Category::workspace] += device.workspace.bytes;
  categories[Category::allocator_slack] += device.allocator_slack.bytes;
}

Breakdown make_breakdown(const StepPlan& plan, const CategoryLevel& level, Moment moment, const HostMemory& host) {
  Breakdown result;
  result.seq = Tokens(plan.all);
  result.allocated = level.total();
  result.moment = on_stage(plan, moment);
  result.categories = level.categories();
  result.binding = largest_growing(result.categories);
  add_device_overhead(result.categories, plan.job().device);
  result.device = result.categories.total();
  result.host = host;
  return result;
}

template <class Peaks>
std::vector<Peak> runners_up(const StepPlan& plan, const Peaks& peaks, Moment winner) {
  std::vector<Peak> result;
  for (const auto& peak : peaks) {
    if (!peak.exists() || peak.moment.instant == winner.instant) continue;
    result.push_back({peak.level.total(), on_stage(plan, peak.moment)});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Peak& a, const Peak& b) { return a.allocated > b.allocated; });
  return result;
}

template <class Sink>
auto told_to(const StepPlan& plan, Sink sink) {
  return [&plan, sink](Moment moment, const Tensor& t, bool born, Bytes live) {
    sink(TimelineEvent{on_stage(plan, moment), t.role->name, t.category, born, t.bytes, live, t.role->shape,
                       t.extent.tokens, t.extent.parts, t.dtype, t.role->source});
  };
}

}  // namespace

struct Predictor::Impl {
  explicit Impl(const Job& job) : warnings(check_combination(job)) {
    for (std::int64_t stage = 0; stage < job.degrees.pipeline; ++stage) stages.emplace_back(job, stage);
  }

  std::vector<std::string> warnings;
  std::vector<JobPlan> stages;  ///< one where the job has no pipeline

  struct Worst {
    const JobPlan* stage;
    Peak peak;
  };
  /// The stage whose peak(plan) is largest, the first of equal ones.
  template <class PeakOf>
  [[nodiscard]] Worst worst(Tokens seq, ChunkLength length, PeakOf peak) const {
    Worst result{&stages.front(), peak(step_plan(stages.front(), seq, length))};
    for (std::size_t i = 1; i < stages.size(); ++i) {
      const Peak other = peak(step_plan(stages[i], seq, length));
      if (other.allocated > result.peak.allocated) result = {&stages[i], other};
    }
    return result;
  }
  [[nodiscard]] Worst worst(Tokens seq, ChunkLength length, Category vanished) const {
    return worst(seq, length, [vanished](const StepPlan& plan) { return peak_of(plan, TotalLevel(vanished)); });
  }
  [[nodiscard]] StepPlan worst_plan(Tokens seq, Category vanished = kNothingVanished) const {
    const JobPlan& stage = stages.size() == 1 ? stages.front() : *worst(seq, chunk_tokens, vanished).stage;
    return step_plan(stage, seq, chunk_tokens);
  }

  [[nodiscard]] Worst worst_on_host(Tokens seq) const {
    return worst(seq, chunk_tokens, [](const StepPlan& plan) {
      OnHost<PeaksOf<TotalLevel>> listener;
      narrate(plan, listener);
      return Peak{listener.listener().peak().level.total(), {}};
    });
  }
  [[nodiscard]] HostMemory host_memory(Tokens seq) const {
    if (!uses_host(stages.front().job.method)) return {};
    const StepPlan plan = step_plan(*worst_on_host(seq).stage, seq, chunk_tokens);
    OnHost<PeaksOf<CategoryLevel>> listener;
    narrate(plan, listener);
    const auto& peak = listener.listener().peak();
    return {peak.level.total(), peak.level.categories(), on_stage(plan, peak.moment)};
  }
};

Bytes host_of_node(const Job& job, Bytes of_rank) {
  return Bytes(checked_mul(ceil_div(rank_count(job.degrees), job.nodes), of_rank.count()));
}

bool fits(const Job& job, const Breakdown& breakdown) {
  const bool host_has_it = !job.host_memory || host_of_node(job, breakdown.host.allocated) <= *job.host_memory;
  return host_has_it && breakdown.device <= job.device.capacity.bytes;
}

Predictor::Predictor(const Job& job) : impl_(std::make_unique<Impl>(job)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const Job& Predictor::job() const { return impl_->stages.front().job; }
const std::vector<std::string>& Predictor::warnings() const { return impl_->warnings; }

Peak Predictor::peak(Tokens seq) const { return impl_->worst(seq, chunk_tokens, kNothingVanished).peak; }
Bytes Predictor::peak_lower_bound_from(Tokens seq) const {
  return impl_->worst(seq, shortest_chunk_from, kNothingVanished).peak.allocated;
}

Bytes Predictor::host_peak(Tokens seq) const {
  return uses_host(job().method) ? impl_->worst_on_host(seq).peak.allocated : Bytes();
}

Peak Predictor::peak_without(Category vanished, Tokens seq) const {
  return impl_->worst(seq, chunk_tokens, vanished).peak;
}
Bytes Predictor::peak_without_lower_bound_from(Category vanished, Tokens seq) const {
  return impl_->worst(seq, shortest_chunk_from, vanished).peak.allocated;
}

Breakdown Predictor::breakdown(Tokens seq) const {
  const StepPlan plan = impl_->worst_plan(seq);
  PeaksOf<CategoryLevel, kInstantCount> listener;
  narrate(plan, listener);
  const auto& peak = listener.peak();
  Breakdown result = make_breakdown(plan, peak.level, peak.moment, impl_->host_memory(seq));
  result.runners_up = runners_up(plan, listener.peaks(), peak.moment);
  return result;
}

Breakdown Predictor::breakdown_without(Category vanished, Tokens seq) const {
  const StepPlan plan = impl_->worst_plan(seq, vanished);
  PeaksOf<CategoryLevel> listener{CategoryLevel(vanished)};
  narrate(plan, listener);
  return make_breakdown(plan, listener.peak().level, listener.peak().moment, impl_->host_memory(seq));
}

Explanation Predictor::explain(Tokens seq) const {
  const StepPlan plan = impl_->worst_plan(seq);
  PeaksOf<TensorLevel> listener;
  narrate(plan, listener);
  const auto& peak = listener.peak();
  return {seq, {peak.level.total(), on_stage(plan, peak.moment)}, live_tensors(peak.level)};
}

Explanation Predictor::explain_host(Tokens seq) const {
  if (!uses_host(job().method)) return {seq, {}, {}};
  const StepPlan plan = step_plan(*impl_->worst_on_host(seq).stage, seq, chunk_tokens);
  OnHost<PeaksOf<TensorLevel>> listener;
  narrate(plan, listener);
  const auto& peak = listener.listener().peak();
  return {seq, {peak.level.total(), on_stage(plan, peak.moment)}, live_tensors(peak.level)};
}

void Predictor::timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const {
  const StepPlan plan = impl_->worst_plan(seq);
  EventLog listener(told_to(plan, std::cref(sink)));
  narrate(plan, listener);
}

void Predictor::host_timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const {
  const StepPlan plan = step_plan(*impl_->worst_on_host(seq).stage, seq, chunk_tokens);
  OnHost listener(EventLog(told_to(plan, std::cref(sink))));
  narrate(plan, listener);
}

void Predictor::step_timeline(Tokens seq, const std::function<void(Memory, const TimelineEvent&)>& sink) const {
  const StepPlan plan = impl_->worst_plan(seq);
  const auto log_of = [&](Memory memory) {
    return EventLog(told_to(plan, [&sink, memory](const TimelineEvent& event) { sink(memory, event); }));
  };
  BothMemories listener(log_of(Memory::device), log_of(Memory::host));
  narrate(plan, listener);
}

std::vector<LiveTensor> Predictor::saved_by_layer(Tokens seq, std::size_t kind) const {
  const StepPlan plan = step_plan(impl_->stages.front(), seq, chunk_tokens);
  PeaksOf<TensorLevel> listener;
  StepNarrator<PeaksOf<TensorLevel>>(plan, listener).tell_layer_forward(kind);
  return live_tensors(listener.live());
}

Bytes Predictor::overhead() const {
  const Device& device = job().device;
  return device.context.bytes + device.workspace.bytes + device.allocator_slack.bytes;
}

}  // namespace headroom::sim

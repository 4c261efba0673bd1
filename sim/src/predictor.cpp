#include <headroom/sim/predictor.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/sim/chunks.h>
#include <headroom/sim/combination.h>

#include "live_tensor.h"
#include "narration/listeners/event_log.h"
#include "narration/listeners/levels.h"
#include "narration/listeners/on_host.h"
#include "narration/listeners/peaks_of.h"
#include "narration/step.h"

namespace headroom::sim {
namespace {

template <class Level>
Peak peak_of(const StepPlan& plan, const Level& empty) {
  PeaksOf<Level> listener(empty);
  narrate(plan, listener);
  return {listener.peak().level.total(), listener.peak().moment};
}

[[nodiscard]] bool grows_with_sequence(Category c) {
  return c == Category::saved_activations || c == Category::attention || c == Category::feed_forward ||
         c == Category::head_and_loss || c == Category::communication;
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

HostMemory host_memory(const StepPlan& plan) {
  if (!uses_host(plan.job().method)) return {};
  OnHost<PeaksOf<CategoryLevel>> listener;
  narrate(plan, listener);
  const auto& peak = listener.listener().peak();
  return {peak.level.total(), peak.level.categories(), peak.moment};
}

Breakdown make_breakdown(const StepPlan& plan, const CategoryLevel& level, Moment moment) {
  Breakdown result;
  result.seq = Tokens(plan.all);
  result.allocated = level.total();
  result.moment = moment;
  result.categories = level.categories();
  result.binding = largest_growing(result.categories);
  add_device_overhead(result.categories, plan.job().device);
  result.device = result.categories.total();
  result.host = host_memory(plan);
  return result;
}

template <class Peaks>
std::vector<Peak> runners_up(const Peaks& peaks, Moment winner) {
  std::vector<Peak> result;
  for (const auto& peak : peaks) {
    if (peak.exists() && peak.moment.instant != winner.instant) result.push_back({peak.level.total(), peak.moment});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Peak& a, const Peak& b) { return a.allocated > b.allocated; });
  return result;
}

auto told_to(const std::function<void(const TimelineEvent&)>& sink) {
  return [&sink](Moment moment, const Tensor& t, bool born, Bytes live) {
    sink({moment, t.role->name, t.category, born, t.bytes, live, t.role->shape, t.extent.tokens, t.extent.parts,
          t.dtype, t.role->source});
  };
}

}  // namespace

struct Predictor::Impl {
  explicit Impl(const Job& job) : warnings(check_combination(job)), plan(job) {}

  std::vector<std::string> warnings;
  JobPlan plan;

  [[nodiscard]] StepPlan at(Tokens seq) const { return step_plan(plan, seq, chunk_tokens); }
  [[nodiscard]] StepPlan from(Tokens seq) const { return step_plan(plan, seq, shortest_chunk_from); }
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

const Job& Predictor::job() const { return impl_->plan.job; }
const std::vector<std::string>& Predictor::warnings() const { return impl_->warnings; }

Peak Predictor::peak(Tokens seq) const { return peak_of(impl_->at(seq), TotalLevel()); }
Bytes Predictor::peak_lower_bound_from(Tokens seq) const { return peak_of(impl_->from(seq), TotalLevel()).allocated; }

Bytes Predictor::host_peak(Tokens seq) const {
  if (!uses_host(job().method)) return {};
  OnHost<PeaksOf<TotalLevel>> listener;
  narrate(impl_->at(seq), listener);
  return listener.listener().peak().level.total();
}

Peak Predictor::peak_without(Category vanished, Tokens seq) const {
  return peak_of(impl_->at(seq), TotalLevel(vanished));
}
Bytes Predictor::peak_without_lower_bound_from(Category vanished, Tokens seq) const {
  return peak_of(impl_->from(seq), TotalLevel(vanished)).allocated;
}

Breakdown Predictor::breakdown(Tokens seq) const {
  const StepPlan plan = impl_->at(seq);
  PeaksOf<CategoryLevel, kInstantCount> listener;
  narrate(plan, listener);
  const auto& peak = listener.peak();
  Breakdown result = make_breakdown(plan, peak.level, peak.moment);
  result.runners_up = runners_up(listener.peaks(), peak.moment);
  return result;
}

Breakdown Predictor::breakdown_without(Category vanished, Tokens seq) const {
  const StepPlan plan = impl_->at(seq);
  PeaksOf<CategoryLevel> listener{CategoryLevel(vanished)};
  narrate(plan, listener);
  return make_breakdown(plan, listener.peak().level, listener.peak().moment);
}

Explanation Predictor::explain(Tokens seq) const {
  PeaksOf<TensorLevel> listener;
  narrate(impl_->at(seq), listener);
  const auto& peak = listener.peak();
  return {seq, {peak.level.total(), peak.moment}, live_tensors(peak.level)};
}

void Predictor::timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const {
  EventLog listener(told_to(sink));
  narrate(impl_->at(seq), listener);
}

void Predictor::host_timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const {
  OnHost listener(EventLog(told_to(sink)));
  narrate(impl_->at(seq), listener);
}

std::vector<LiveTensor> Predictor::saved_by_layer(Tokens seq, std::size_t kind) const {
  const StepPlan plan = impl_->at(seq);
  PeaksOf<TensorLevel> listener;
  StepNarrator<PeaksOf<TensorLevel>>(plan, listener).tell_layer_forward(kind);
  return live_tensors(listener.live());
}

Bytes Predictor::overhead() const {
  const Device& device = job().device;
  return device.context.bytes + device.workspace.bytes + device.allocator_slack.bytes;
}

}  // namespace headroom::sim

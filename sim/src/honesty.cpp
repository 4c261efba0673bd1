#include <headroom/sim/honesty.h>

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include <headroom/sim/verified.h>

namespace headroom::sim {
namespace {

constexpr std::string_view kBackends = "on the host backend; CUDA: "
#include "verified_cuda.inc"
    ;

template <class Has>
std::int64_t rows_where(Has has) {
  std::int64_t rows = 0;
  for (const VerifiedRow& row : verified_rows()) rows += has(row.axes) ? row.count : 0;
  return rows;
}

/// A value of one axis and the rows that have met it.
struct Choice {
  std::string name;
  std::int64_t rows;
};

template <class Value>
Choice choice(std::string_view axis, std::string_view name, Value Axes::*axis_value, const Axes& wanted) {
  return {fmt::format("{} {}", axis, name),
          rows_where([&](const Axes& axes) { return axes.*axis_value == wanted.*axis_value; })};
}

template <class Enum>
Choice named_choice(std::string_view axis, Enum Axes::*value, const Axes& wanted) {
  return choice(axis, name_of(wanted.*value), value, wanted);
}

Choice switch_choice(std::string_view axis, bool Axes::*value, const Axes& wanted) {
  return choice(axis, wanted.*value ? "on" : "off", value, wanted);
}

std::vector<Choice> method_choices_of(const Axes& axes) {
  return {named_choice("attention", &Axes::attention, axes), named_choice("feed-forward", &Axes::feed_forward, axes),
          named_choice("key-values", &Axes::key_values, axes), named_choice("head", &Axes::head, axes),
          named_choice("sequence", &Axes::sequence, axes)};
}

std::vector<Choice> choices_of(const Axes& axes) {
  std::vector<Choice> choices = method_choices_of(axes);
  choices.push_back(named_choice("recompute", &Axes::recompute, axes));
  choices.push_back(named_choice("precision", &Axes::precision, axes));
  choices.push_back(named_choice("optimizer", &Axes::optimizer, axes));
  choices.push_back(named_choice("optimizer states", &Axes::states, axes));
  choices.push_back(switch_choice("accumulation", &Axes::accumulate, axes));
  choices.push_back(switch_choice("dropout", &Axes::dropout, axes));
  choices.push_back(named_choice("state sharding", &Axes::sharding, axes));
  choices.push_back(switch_choice("tensor parallelism", &Axes::tensor_parallel, axes));
  choices.push_back(switch_choice("pipeline parallelism", &Axes::pipeline_parallel, axes));
  choices.push_back(switch_choice("checkpoint offload", &Axes::offload_checkpoints, axes));
  choices.push_back(switch_choice("optimizer offload", &Axes::offload_optimizer, axes));
  choices.push_back(switch_choice("parameter offload", &Axes::offload_parameters, axes));
  choices.push_back(switch_choice("prefetch", &Axes::prefetch, axes));
  choices.push_back(named_choice("momentum", &Axes::momentum, axes));
  choices.push_back(switch_choice("factored moments", &Axes::factored, axes));
  choices.push_back(switch_choice("updates in backward", &Axes::in_backward, axes));
  choices.push_back(switch_choice("experts", &Axes::experts, axes));
  choices.push_back(switch_choice("norms of queries and keys", &Axes::qk_norm, axes));
  choices.push_back(switch_choice("parallel branches", &Axes::parallel, axes));
  choices.push_back(switch_choice("latent attention", &Axes::latent, axes));
  choices.push_back(named_choice("mode", &Axes::mode, axes));
  choices.push_back(named_choice("cache type", &Axes::cache, axes));
  choices.push_back(switch_choice("prefill in chunks", &Axes::prefill_chunks, axes));
  choices.push_back(switch_choice("rings of windows", &Axes::rings, axes));
  return choices;
}

std::string rows_text(std::int64_t rows) { return fmt::format("{} regression row{}", rows, rows == 1 ? "" : "s"); }

std::string verified_text(std::int64_t rows) {
  return fmt::format("verified: equal to the byte in {} {}", rows_text(rows), kBackends);
}

std::string unverified_text(const std::vector<Choice>& choices) {
  const Choice& rarest = *std::min_element(choices.begin(), choices.end(),
                                           [](const Choice& x, const Choice& y) { return x.rows < y.rows; });
  if (rarest.rows == 0) return fmt::format("not yet measured: {}, which no regression row has", rarest.name);
  return fmt::format(
      "not yet measured in this combination: each of its choices is, the rarest ({}) equal to the byte in {} {}",
      rarest.name, rows_text(rarest.rows), kBackends);
}

}  // namespace

std::vector<Assumption> assumptions(const Job& job) {
  const Device& device = job.device;
  return {{"capacity", device.capacity},
          {"context", device.context},
          {"workspace", device.workspace},
          {"allocator slack", device.allocator_slack}};
}

std::string_view runtime_note() {
  return "predicted for headroom's own lean runtime (docs/runtime.md); eager frameworks hold more";
}

std::string measured_status(const Job& job) {
  const Axes wanted = axes_of(job);
  const std::int64_t rows = rows_where([&](const Axes& axes) { return axes == wanted; });
  return rows > 0 ? verified_text(rows) : unverified_text(choices_of(wanted));
}

std::string measured_status(const Method& method) {
  Job job;
  job.method = method;
  const bool is_megatron = method.sequence == SequenceDistribution::megatron_sp;  // as many as tell its axes apart
  if (method.sequence != SequenceDistribution::none)
    job.degrees = is_megatron ? Degrees{.tensor = 4} : Degrees{.sequence = 4, .ulysses = 2};
  const Axes wanted = axes_of(job);
  const std::int64_t rows = rows_where([&](const Axes& axes) {
    return axes.attention == wanted.attention && axes.feed_forward == wanted.feed_forward &&
           axes.key_values == wanted.key_values && axes.head == wanted.head && axes.sequence == wanted.sequence;
  });
  return rows > 0 ? verified_text(rows) : unverified_text(method_choices_of(wanted));
}

}  // namespace headroom::sim

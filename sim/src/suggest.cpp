#include <headroom/sim/suggest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>

namespace headroom::sim {
namespace {

/// How far `job` gets; nothing for a combination that is refused.
std::optional<Tokens> reach(const Job& job, const Grid& grid) {
  try {
    return longest_context(Predictor(job), grid);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

/// Tries values of one axis and keeps the one that gets furthest.
class AxisTrial {
 public:
  AxisTrial(std::string_view axis, Consequence consequence, const Grid& grid, Tokens reached)
      : grid_(grid), best_{axis, "", reached, consequence} {}

  void attempt(const Job& changed, std::string_view value) {
    const std::optional<Tokens> tokens = reach(changed, grid_);
    if (tokens && *tokens > best_.tokens) best_ = {best_.axis, std::string(value), *tokens, best_.consequence};
  }

  void add_to(std::vector<Suggestion>& list) const {
    if (!best_.value.empty()) list.push_back(best_);
  }

 private:
  Grid grid_;
  Suggestion best_;
};

/// Changes of one job, axis by axis.
class Changes {
 public:
  Changes(const Job& job, const Grid& grid, Tokens reached) : job_(job), grid_(grid), reached_(reached) {}

  /// Tries every value of an enum; set(job, value) changes the job.
  template <class Enum, class Set>
  void values(std::string_view axis, Consequence consequence, Set set) {
    AxisTrial trial(axis, consequence, grid_, reached_);
    for (const auto& named : values_of<Enum>()) {
      Job changed = job_;
      set(changed, named.value);
      if (!(changed == job_)) trial.attempt(changed, named.name);
    }
    trial.add_to(list_);
  }

  /// Prompts in shorter chunks.
  void prefill_chunks() {
    AxisTrial trial("prefill-chunk", Consequence::same_result, grid_, reached_);
    for (const Tokens tokens : {Tokens(8192), Tokens(2048), Tokens(512)}) {
      Job changed = job_;
      changed.inference.prefill_chunk = {ChunkRule::tokens, tokens};
      trial.attempt(changed, format_chunk(changed.inference.prefill_chunk));
    }
    trial.add_to(list_);
  }

  /// Recompute has a number beside its kind.
  void recompute() {
    AxisTrial trial("recompute", Consequence::same_result, grid_, reached_);
    for (const Recompute& choice : {Recompute{RecomputeKind::selective, 1},
                                    {RecomputeKind::full, 1},
                                    {RecomputeKind::every, 2},
                                    {RecomputeKind::every, 4},
                                    {RecomputeKind::every, 8},
                                    {RecomputeKind::every, 16}}) {
      Job changed = job_;
      changed.recompute = choice;
      if (choice.every < layer_count(job_.model)) trial.attempt(changed, format_recompute(choice));
    }
    trial.add_to(list_);
  }

  [[nodiscard]] std::vector<Suggestion> sorted() {
    const auto before = [](const Suggestion& a, const Suggestion& b) {
      return a.consequence != b.consequence ? a.consequence < b.consequence : a.tokens > b.tokens;
    };
    std::stable_sort(list_.begin(), list_.end(), before);
    return std::move(list_);
  }

 private:
  const Job& job_;
  Grid grid_;
  Tokens reached_;
  std::vector<Suggestion> list_;
};

}  // namespace

std::vector<Suggestion> suggest_changes(const Job& job, const Grid& grid, Tokens reached) {
  Changes changes(job, grid, reached);
  changes.values<Attention>("attention", Consequence::same_result, [](Job& j, Attention v) { j.method.attention = v; });
  changes.values<FeedForward>("feed-forward", Consequence::same_result,
                              [](Job& j, FeedForward v) { j.method.feed_forward = v; });
  changes.values<Head>("head", Consequence::same_result, [](Job& j, Head v) { j.method.head = v; });
  changes.values<KeyValues>("key-values", Consequence::same_result,
                            [](Job& j, KeyValues v) { j.method.key_values = v; });
  changes.values<SequenceDistribution>("sequence", Consequence::same_result,
                                       [](Job& j, SequenceDistribution v) { j.method.sequence = v; });
  changes.values<StateSharding>("sharding", Consequence::same_result,
                                [](Job& j, StateSharding v) { j.method.sharding = v; });
  changes.values<Precision>("precision", Consequence::rounding, [](Job& j, Precision v) { j.precision = v; });
  if (job.mode == Mode::inference) {
    changes.prefill_chunks();
    changes.values<CacheType>("cache-type", Consequence::rounding, [](Job& j, CacheType v) { j.inference.cache = v; });
    return changes.sorted();
  }
  changes.recompute();
  changes.values<StateDType>("optimizer-states", Consequence::rounding,
                             [](Job& j, StateDType v) { j.optimizer.states = v; });
  changes.values<OptimizerKind>("optimizer", Consequence::training,
                                [](Job& j, OptimizerKind v) { j.optimizer.kind = v; });
  return changes.sorted();
}

std::vector<Suggestion> suggest_device(const Job& job, const Grid& grid) {
  std::vector<Device> devices;
  for (const std::string_view name : device_names()) devices.push_back(device_preset(name));
  std::stable_sort(devices.begin(), devices.end(),
                   [](const Device& a, const Device& b) { return a.capacity.bytes < b.capacity.bytes; });
  for (Device& device : devices) {
    Job changed = job;
    changed.device = std::move(device);
    const std::optional<Tokens> tokens = reach(changed, grid);
    if (tokens && *tokens > Tokens(0)) return {{"hardware", changed.device.name, *tokens}};
  }
  return {};
}

}  // namespace headroom::sim

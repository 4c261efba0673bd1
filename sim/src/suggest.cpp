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
  AxisTrial(std::string_view axis, const Grid& grid, Tokens reached) : grid_(grid), best_{axis, "", reached} {}

  void attempt(const Job& changed, std::string_view value) {
    const std::optional<Tokens> tokens = reach(changed, grid_);
    if (tokens && *tokens > best_.tokens) best_ = {best_.axis, std::string(value), *tokens};
  }

  void add_to(std::vector<Suggestion>& list) const {
    if (!best_.value.empty()) list.push_back(best_);
  }

 private:
  Grid grid_;
  Suggestion best_;
};

/// Tries every value of an enum; set(job, value) changes the job.
template <class Enum, class Set>
void try_values(std::vector<Suggestion>& list, std::string_view axis, const Job& job, const Grid& grid, Tokens reached,
                Set set) {
  AxisTrial trial(axis, grid, reached);
  for (const auto& named : values_of<Enum>()) {
    Job changed = job;
    set(changed, named.value);
    if (!(changed == job)) trial.attempt(changed, named.name);
  }
  trial.add_to(list);
}

/// Recompute has a number beside its kind: of the every-k family only k = 1, which is full, is worth a suggestion.
void set_recompute(Job& job, RecomputeKind kind) {
  if (kind != RecomputeKind::every) job.recompute = {kind, 1};
}

}  // namespace

std::vector<Suggestion> suggest_changes(const Job& job, const Grid& grid, Tokens reached) {
  std::vector<Suggestion> list;
  const auto axis = [&]<class Enum>(std::string_view name, auto set, Enum) {
    try_values<Enum>(list, name, job, grid, reached, set);
  };
  axis(
      "attention", [](Job& j, Attention v) { j.method.attention = v; }, Attention{});
  axis(
      "feed-forward", [](Job& j, FeedForward v) { j.method.feed_forward = v; }, FeedForward{});
  axis(
      "head", [](Job& j, Head v) { j.method.head = v; }, Head{});
  axis(
      "key-values", [](Job& j, KeyValues v) { j.method.key_values = v; }, KeyValues{});
  axis("recompute", set_recompute, RecomputeKind{});
  axis(
      "precision", [](Job& j, Precision v) { j.precision = v; }, Precision{});
  axis(
      "optimizer", [](Job& j, OptimizerKind v) { j.optimizer.kind = v; }, OptimizerKind{});
  axis(
      "optimizer-states", [](Job& j, StateDType v) { j.optimizer.states = v; }, StateDType{});
  std::stable_sort(list.begin(), list.end(),
                   [](const Suggestion& a, const Suggestion& b) { return a.tokens > b.tokens; });
  return list;
}

std::vector<Suggestion> suggest_device(const Job& job, const Grid& grid) {
  std::vector<std::pair<Bytes, Suggestion>> fitting;
  for (const std::string_view name : device_names()) {
    Job changed = job;
    changed.device = device_preset(name);
    const std::optional<Tokens> tokens = reach(changed, grid);
    if (tokens && *tokens > Tokens(0))
      fitting.push_back({changed.device.capacity.bytes, {"hardware", std::string(name), *tokens}});
  }
  if (fitting.empty()) return {};
  return {std::min_element(fitting.begin(), fitting.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
          })->second};
}

}  // namespace headroom::sim

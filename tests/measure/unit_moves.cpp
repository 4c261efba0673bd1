#include "unit_moves.h"

#include <optional>

#include <fmt/format.h>

namespace headroom::test {
namespace {

using measure::Event;

constexpr std::int64_t kHidden = 4;
constexpr std::int64_t kBf16Bytes = 2;
constexpr Recompute kNone{RecomputeKind::none, 1};
constexpr Recompute kFull{RecomputeKind::full, 1};
constexpr Recompute kEveryTwo{RecomputeKind::every, 2};

/// Of one parameter of each unit.
std::optional<std::string> unit_of(const Event& event) {
  if (event.label.name == "embedding") return "E";
  if (event.label.name == "final norm gain") return "H";
  if (event.label.name != "W_up") return std::nullopt;
  return std::to_string(event.bytes.count() / (kHidden * kBf16Bytes) - 1);
}

Schedule none_ahead() {
  return {kNone,
          0,
          {"embedding: +E", "embedding: -E", "layer forward 0: +0", "layer forward 0: -0", "layer forward 1: +1",
           "layer forward 1: -1", "layer forward 2: +2", "layer forward 2: -2", "final norm: +H",
           "final norm backward: -H", "layer backward 2: +2", "layer backward 2: -2", "layer backward 1: +1",
           "layer backward 1: -1", "layer backward 0: +0", "layer backward 0: -0"}};
}

Schedule one_ahead() {
  return {kNone,
          1,
          {"embedding: +E", "embedding: +0", "embedding: -E", "layer forward 0: +1", "layer forward 0: -0",
           "layer forward 1: +2", "layer forward 1: -1", "layer forward 2: +H", "layer forward 2: -2", "final norm: +2",
           "final norm backward: -H", "layer backward 2: +1", "layer backward 2: -2", "layer backward 1: +0",
           "layer backward 1: -1", "layer backward 0: -0"}};
}

/// The last layer stays over the head.
Schedule two_ahead() {
  return {
      kNone,
      2,
      {"embedding: +E", "embedding: +0", "embedding: +1", "embedding: -E", "layer forward 0: +2", "layer forward 0: -0",
       "layer forward 1: +H", "layer forward 1: -1", "final norm: +1", "final norm backward: -H",
       "layer backward 2: +0", "layer backward 2: -2", "layer backward 1: -1", "layer backward 0: -0"}};
}

/// The last two layers stay over the head.
Schedule four_ahead() {
  return {kNone,
          4,
          {"embedding: +E", "embedding: +0", "embedding: +1", "embedding: +2", "embedding: +H", "embedding: -E",
           "layer forward 0: -0", "layer forward 2: +0", "final norm backward: -H", "layer backward 2: -2",
           "layer backward 1: -1", "layer backward 0: -0"}};
}

/// Every unit comes once; there are 8 works.
Schedule all_ahead(std::int64_t prefetch) {
  return {kNone,
          prefetch,
          {"embedding: +E", "embedding: +0", "embedding: +1", "embedding: +2", "embedding: +H", "embedding: -E",
           "final norm backward: -H", "layer backward 2: -2", "layer backward 1: -1", "layer backward 0: -0"}};
}

/// A layer's recompute and backward are one work.
Schedule full_and_none_ahead() {
  return {kFull,
          0,
          {"embedding: +E", "embedding: -E", "layer forward 0: +0", "layer forward 0: -0", "layer forward 1: +1",
           "layer forward 1: -1", "layer forward 2: +2", "layer forward 2: -2", "final norm: +H",
           "final norm backward: -H", "layer recompute 2: +2", "layer backward 2: -2", "layer recompute 1: +1",
           "layer backward 1: -1", "layer recompute 0: +0", "layer backward 0: -0"}};
}

Schedule full_and_one_ahead() {
  return {kFull,
          1,
          {"embedding: +E", "embedding: +0", "embedding: -E", "layer forward 0: +1", "layer forward 0: -0",
           "layer forward 1: +2", "layer forward 1: -1", "layer forward 2: +H", "layer forward 2: -2", "final norm: +2",
           "final norm backward: -H", "layer recompute 2: +1", "layer backward 2: -2", "layer recompute 1: +0",
           "layer backward 1: -1", "layer backward 0: -0"}};
}

/// Segments of layers 0 and 1, and of layer 2.
Schedule segments_and_none_ahead() {
  return {
      kEveryTwo,
      0,
      {"embedding: +E", "embedding: -E", "layer forward 0: +0", "layer forward 0: -0", "layer forward 1: +1",
       "layer forward 1: -1", "layer forward 2: +2", "layer forward 2: -2", "final norm: +H", "final norm backward: -H",
       "layer recompute 2: +2", "layer backward 2: -2", "layer recompute 0: +0", "layer recompute 0: -0",
       "layer recompute 1: +1", "layer backward 1: -1", "layer backward 0: +0", "layer backward 0: -0"}};
}

Schedule segments_and_one_ahead() {
  return {kEveryTwo,
          1,
          {"embedding: +E", "embedding: +0", "embedding: -E", "layer forward 0: +1", "layer forward 0: -0",
           "layer forward 1: +2", "layer forward 1: -1", "layer forward 2: +H", "layer forward 2: -2", "final norm: +2",
           "final norm backward: -H", "layer recompute 2: +0", "layer backward 2: -2", "layer recompute 0: +1",
           "layer recompute 0: -0", "layer recompute 1: +0", "layer backward 1: -1", "layer backward 0: -0"}};
}

/// Layer 0 stays from its recompute to its backward.
Schedule segments_and_two_ahead() {
  return {
      kEveryTwo,
      2,
      {"embedding: +E", "embedding: +0", "embedding: +1", "embedding: -E", "layer forward 0: +2", "layer forward 0: -0",
       "layer forward 1: +H", "layer forward 1: -1", "final norm: +0", "final norm backward: -H",
       "layer recompute 2: +1", "layer backward 2: -2", "layer backward 1: -1", "layer backward 0: -0"}};
}

Schedule segments_and_all_ahead() {
  Schedule schedule = all_ahead(1024);
  schedule.recompute = kEveryTwo;
  return schedule;
}

}  // namespace

Job three_layers() {
  Job job = tiny_job(3, 1);
  for (const std::int64_t wide : {2, 3}) {
    job.model.kinds.push_back(job.model.kinds[0]);
    job.model.kinds.back().ffn_hidden = wide;
  }
  job.model.layer_runs = {{1, {0, 1, 2}}};
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.batch = 1;
  job.seq = Tokens(4);
  return job;
}

Moves moves_of(const std::vector<Event>& events, Category category) {
  Moves moves;
  for (const Event& event : events) {
    const std::optional<std::string> unit = unit_of(event);
    if (event.label.category != category || !unit) continue;
    const std::string layer = event.instant.layer ? fmt::format(" {}", *event.instant.layer) : "";
    moves.push_back(fmt::format("{}{}: {}{}", event.instant.name, layer, event.birth ? '+' : '-', *unit));
  }
  return moves;
}

std::vector<Schedule> schedules() {
  return {none_ahead(),
          one_ahead(),
          two_ahead(),
          four_ahead(),
          all_ahead(6),
          all_ahead(7),
          all_ahead(8),
          all_ahead(1024),
          full_and_none_ahead(),
          full_and_one_ahead(),
          segments_and_none_ahead(),
          segments_and_one_ahead(),
          segments_and_two_ahead(),
          segments_and_all_ahead()};
}

}  // namespace headroom::test

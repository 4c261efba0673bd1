#pragma once

#include <cstdint>

#include "narration/plan.h"
#include "narration/story.h"

namespace headroom::sim {

/// Calls f(weight) for the unit of the embedding.
template <class F>
void for_each_table(const ModelWeights& weights, const Weight& positions, F f) {
  f(weights.embedding);
  if (positions.present) f(positions);
}

/// Tells how units of parameters come to the device for their works and go: gathered from the ranks that share them, or
/// fetched from the host (docs/runtime.md 10.2 and 11). Nothing where parameters stay.
template <class Listener>
class UnitNarrator {
 public:
  UnitNarrator(Story<Listener>& story, const Weight& positions)
      : story_(story), fixed_(story.plan.fixed), positions_(positions) {}

  void in_front_of(const StageRun& run, std::int64_t work) {
    if (!fixed_.states.parameters_come()) return;
    run.works.in_front_of(work, [&](std::int64_t unit) { comes(run, unit); });
  }
  void behind(const StageRun& run, std::int64_t work) {
    if (!fixed_.states.parameters_come() || !run.works.goes(work)) return;
    with_unit(run, run.works.unit(work), [this](const auto& whole) { story_.dies(whole); });
  }

 private:
  void comes(const StageRun& run, std::int64_t unit) {
    if (fixed_.states.shards_on_host()) {
      for_each_weight_of(run, unit, [this](const Weight& weight) { comes_as_shard(weight); });
    } else {
      with_unit(run, unit, [this](const auto& whole) { story_.born(whole); });
    }
  }

  void comes_as_shard(const Weight& weight) {
    story_.born(weight.value);
    story_.born(weight.whole);
    story_.dies(weight.value);
  }

  /// f(whole) for the unit's whole parameters, in groups as large as there are.
  template <class F>
  void with_unit(const StageRun& run, std::int64_t unit, F f) {
    if (unit == Works::kEmbeddingUnit) {
      for_each_table(fixed_.model_weights, positions_, [&f](const Weight& table) { f(table.whole); });
    } else if (unit == run.works.head_unit()) {
      f(fixed_.head_unit);
    } else {
      f(fixed_.layer_groups[run.schedule.pattern().kind_of(unit)].whole);
    }
  }

  template <class F>
  void for_each_weight_of(const StageRun& run, std::int64_t unit, F f) {
    if (unit == Works::kEmbeddingUnit) {
      for_each_table(fixed_.model_weights, positions_, f);
    } else if (unit == run.works.head_unit()) {
      for_each_head_weight(fixed_.model_weights, f);
    } else {
      for_each_weight(fixed_.layer_weights[run.schedule.pattern().kind_of(unit)], f);
    }
  }

  Story<Listener>& story_;
  const JobPlan& fixed_;
  const Weight& positions_;
};

}  // namespace headroom::sim

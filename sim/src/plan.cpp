#include "narration/plan.h"

#include <utility>

namespace headroom::sim {

JobPlan::JobPlan(Job described)
    : job(std::move(described)),
      ranks(job),
      method(method_on(ranks, job.method)),
      schedule(job.model, job.recompute),
      states(ranks, job),
      model_weights(sim::model_weights(job, ranks)),
      compute(compute_dtype(job.precision)),
      keeps_forward(job.recompute.kind == RecomputeKind::none || job.recompute.kind == RecomputeKind::selective),
      keeps_scores(job.recompute.kind != RecomputeKind::selective) {
  const auto add_to = [this](WeightGroups& groups) {
    return [this, &groups](const Weight& weight) { add_weight(groups, weight, states); };
  };
  for_each_weight(model_weights, add_to(outside_layers));
  for_each_head_weight(model_weights, [this](const Weight& weight) { head_unit.add(weight.whole); });
  for (const LayerKind& kind : job.model.kinds) {
    layer_weights.push_back(sim::layer_weights(job, ranks, kind));
    for_each_weight(layer_weights.back(), add_to(layer_groups.emplace_back()));
  }
}

}  // namespace headroom::sim

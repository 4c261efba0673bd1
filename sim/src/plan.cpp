#include "narration/plan.h"

#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::sim {
namespace {

std::vector<LayerPart> parts_of(const Ranks& ranks, const Transformer& model) {
  std::vector<LayerPart> parts;
  for (const LayerKind& kind : model.kinds) parts.emplace_back(ranks, kind);
  return parts;
}

void refuse_length(Tokens seq, std::int64_t runs) {
  if (seq.count() < 1) {
    throw InputError(fmt::format("the sequence is {} tokens long; it must be at least 1", seq.count()));
  }
  if (seq.count() % runs != 0) {
    throw InputError(
        fmt::format("{} tokens cannot be shared out evenly: the length must be a multiple of the {} ranks "
                    "that share each sequence",
                    seq.count(), runs));
  }
}

}  // namespace

JobPlan::JobPlan(Job described)
    : job(std::move(described)),
      ranks(job),
      method(method_on(ranks, job.method)),
      layer_parts(parts_of(ranks, job.model)),
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

StepPlan step_plan(const JobPlan& plan, Tokens seq, ChunkLength length) {
  const Ranks& ranks = plan.ranks;
  refuse_length(seq, ranks.runs);
  const Tokens run(seq.count() / ranks.runs);
  const std::int64_t grouped = ranks.splits_tokens ? ranks.tensor : ranks.heads;
  const Tokens queries(run.count() * grouped);  // of the attention core
  const Tokens keys = ranks.sequence == SequenceDistribution::lss ? seq : queries;
  const Method& method = plan.method;
  const auto tokens = [&](const Chunk& chunk, ChunkAxis axis, Tokens of) {
    return length(plan.job, chunk, axis, of).count();
  };
  return {
      plan, seq,
      ChunkTokens{tokens(method.query_chunk, ChunkAxis::query, queries), tokens(method.kv_chunk, ChunkAxis::kv, keys),
                  tokens(method.ffn_chunk, ChunkAxis::ffn, run), tokens(method.head_chunk, ChunkAxis::head, run)}};
}

}  // namespace headroom::sim

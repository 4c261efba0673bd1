#include "narration/plan.h"

#include <algorithm>
#include <cstddef>
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

/// Layers [first, first + count) of the model, with its kinds.
std::vector<LayerRun> layers_of(const Transformer& model, std::int64_t first, std::int64_t count) {
  std::vector<LayerRun> runs;
  std::int64_t begin = 0;
  for (const LayerRun& run : model.layer_runs) {
    const auto period = static_cast<std::int64_t>(run.period.size());
    const std::int64_t end = begin + run.repeat * period;
    std::int64_t at = std::max(first, begin);
    const std::int64_t stop = std::min(first + count, end);
    while (at < stop) {
      const std::int64_t offset = (at - begin) % period;
      const std::int64_t whole = offset == 0 ? (stop - at) / period : 0;
      if (whole > 0) {
        runs.push_back({whole, run.period});
        at += whole * period;
        continue;
      }
      const std::int64_t length = std::min(period - offset, stop - at);
      const auto from = run.period.begin() + static_cast<std::ptrdiff_t>(offset);
      runs.push_back({1, {from, from + static_cast<std::ptrdiff_t>(length)}});
      at += length;
    }
    begin = end;
  }
  return runs;
}

std::vector<StageRun> runs_of(const Job& job, const Stage& stage, std::int64_t prefetch) {
  const std::int64_t layers = layer_count(job.model) / (stage.stages * stage.chunks);
  std::vector<StageRun> runs;
  for (std::int64_t chunk = 0; chunk < stage.chunks; ++chunk) {
    const std::int64_t first = (chunk * stage.stages + stage.index) * layers;
    Transformer model;
    model.kinds = job.model.kinds;
    model.layer_runs = layers_of(job.model, first, layers);
    const LayerSchedule schedule(model, job.recompute, prefetch);
    runs.push_back({first, schedule, Works(layers, schedule.segment_layers(), prefetch)});
  }
  return runs;
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

JobPlan::JobPlan(Job described, std::int64_t stage_index)
    : job(std::move(described)),
      stage(stage_of(job, stage_index)),
      ranks(job),
      method(method_on(ranks, job.method)),
      layer_parts(parts_of(ranks, job.model)),
      states(ranks, job),
      runs(runs_of(job, stage, states.prefetch)),
      model_weights(sim::model_weights(job, ranks, stage)),
      compute(compute_dtype(job.precision)),
      keeps_forward(job.recompute.kind == RecomputeKind::none || job.recompute.kind == RecomputeKind::selective),
      keeps_scores(job.recompute.kind != RecomputeKind::selective) {
  const auto add_to = [this](WeightGroups& groups) {
    return [this, &groups](const Weight& weight) { add_weight(groups, weight, states); };
  };
  for_each_weight(model_weights, add_to(outside_layers));
  if (stage.has_head()) {
    for_each_head_weight(model_weights, [this](const Weight& weight) { head_unit.add(weight.whole); });
  }
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
  StepPlan step{
      plan, seq,
      ChunkTokens{tokens(method.query_chunk, ChunkAxis::query, queries), tokens(method.kv_chunk, ChunkAxis::kv, keys),
                  tokens(method.ffn_chunk, ChunkAxis::ffn, run), tokens(method.head_chunk, ChunkAxis::head, run)}};
  // Later chunks form their statistics beside the residual gradient, the first one does not: of a small vocabulary two
  // short chunks may need more than a long one.
  const bool is_bound = length != &chunk_tokens;
  step.counts_row_statistics = !is_bound || method.head_chunk.rule != ChunkRule::shards_of_hidden;
  return step;
}

}  // namespace headroom::sim

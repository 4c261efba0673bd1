#include "narration/plan.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
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

/// In training a window narrows which scores are computed, not which tensors there are.
std::vector<LayerKind> told_apart(const Job& job) {
  std::vector<LayerKind> kinds = job.model.kinds;
  if (job.mode == Mode::training) {
    for (LayerKind& kind : kinds) kind.window.reset();
  }
  return kinds;
}

std::vector<StageRun> runs_of(const Job& job, const Stage& stage, std::int64_t prefetch) {
  const std::int64_t layers = layer_count(job.model) / (stage.stages * stage.chunks);
  std::vector<StageRun> runs;
  for (std::int64_t chunk = 0; chunk < stage.chunks; ++chunk) {
    const std::int64_t first = (chunk * stage.stages + stage.index) * layers;
    Transformer model;
    model.kinds = told_apart(job);
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

Job as_run(Job job) {
  if (job.mode == Mode::training) return job;
  job.recompute = {RecomputeKind::full, 1};
  if (job.precision == Precision::bf16_mixed) job.precision = Precision::bf16;
  job.optimizer = {.kind = OptimizerKind::sgd};
  job.accumulate = false;
  job.dropout = false;
  return job;
}

JobPlan::JobPlan(Job described, std::int64_t stage_index)
    : job(as_run(std::move(described))),
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

namespace {

/// What chunks cut.
struct Lengths {
  Tokens queries;  ///< of the attention core
  Tokens keys;     ///< of the attention core
  Tokens run;      ///< of the rank
};

ChunkTokens chunks_of(const JobPlan& plan, ChunkLength length, const Lengths& of) {
  const Method& method = plan.method;
  const auto tokens = [&](const Chunk& chunk, ChunkAxis axis, Tokens cut) {
    return length(plan.job, chunk, axis, cut).count();
  };
  return {tokens(method.query_chunk, ChunkAxis::query, of.queries), tokens(method.kv_chunk, ChunkAxis::kv, of.keys),
          tokens(method.ffn_chunk, ChunkAxis::ffn, of.run), tokens(method.head_chunk, ChunkAxis::head, of.run)};
}

}  // namespace

StepPlan step_plan(const JobPlan& plan, Tokens seq, ChunkLength length) {
  const Ranks& ranks = plan.ranks;
  refuse_length(seq, ranks.runs);
  const Tokens run(seq.count() / ranks.runs);
  const std::int64_t grouped = ranks.splits_tokens ? ranks.tensor : ranks.heads;
  const Tokens queries(run.count() * grouped);  // of the attention core
  const Tokens keys = ranks.sequence == SequenceDistribution::lss ? seq : queries;
  const Method& method = plan.method;
  StepPlan step{plan, seq, length, chunks_of(plan, length, {queries, keys, run})};
  // Later chunks form their statistics beside the residual gradient, the first one does not: of a small vocabulary two
  // short chunks may need more than a long one.
  const bool is_bound = length != &chunk_tokens;
  step.counts_row_statistics = !is_bound || method.head_chunk.rule != ChunkRule::shards_of_hidden;
  return step;
}

StepPlan prefill_plan(const StepPlan& inference, std::int64_t sequences, std::int64_t past, std::int64_t tokens) {
  const JobPlan& plan = inference.fixed;
  const std::int64_t most = prefill_tokens(inference);
  // Passes that do not span the sequence have the same chunks in longer ones.
  const ChunkLength length = most == inference.all ? inference.length : &chunk_tokens;
  const Lengths lengths{Tokens(tokens), Tokens(checked_add(past, tokens)), Tokens(tokens)};
  StepPlan pass{plan, Tokens(inference.all), length, chunks_of(plan, length, lengths)};
  if (inference.length != &chunk_tokens) {  // a bound: a shorter last pass may have longer chunks
    const std::int64_t of_most = length(plan.job, plan.method.ffn_chunk, ChunkAxis::ffn, Tokens(most)).count();
    pass.chunk.ffn = std::min(pass.chunk.ffn, of_most);
  }
  pass.batch = sequences;
  pass.s = tokens;
  pass.phase = Phase::prefill;
  pass.past = past;
  pass.symbol = tokens == inference.all ? "s" : tokens == 1 ? "1" : "c_p";
  return pass;
}

StepPlan decode_plan(const StepPlan& inference) {
  StepPlan pass = prefill_plan(inference, inference.batch, inference.all - 1, 1);
  pass.phase = Phase::decode;
  return pass;
}

std::int64_t prefill_tokens(const StepPlan& inference) {
  const Chunk& chunk = inference.job().inference.prefill_chunk;
  return chunk.rule == ChunkRule::whole ? inference.all : std::min(chunk.tokens.count(), inference.all);
}

}  // namespace headroom::sim

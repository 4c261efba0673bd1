#include <headroom/sim/verified.h>

#include <algorithm>

#include "narration/plan.h"

namespace headroom::sim {
namespace {

using A = Attention;
using F = FeedForward;
using K = KeyValues;
using H = Head;
using R = RecomputeKind;
using P = Precision;
using O = OptimizerKind;
using S = StateDType;
using M = Momentum;
using D = SequenceDistribution;
using Z = StateSharding;
using I = Mode;
using C = CacheType;

constexpr VerifiedRow kRows[] = {
#include "verified_rows.inc"
};

template <class Is>
bool some_layer(const Transformer& model, Is is) {
  return std::any_of(model.kinds.begin(), model.kinds.end(), is);
}

CacheType cache_axis(const Job& job) {
  const bool is_apart = job.mode == Mode::inference && cache_dtype(job) != compute_dtype(job.precision);
  return is_apart ? job.inference.cache : CacheType::compute;
}

}  // namespace

Axes axes_of(const Job& described) {
  const Job job = as_run(described);
  const Method& m = job.method;
  const Optimizer& optimizer = job.optimizer;
  const bool is_adamw = optimizer.kind == OptimizerKind::adamw;
  const bool infers = job.mode == Mode::inference;
  const Ranks ranks(job);
  const SequenceDistribution sequence = ranks.splits_tokens ? SequenceDistribution::megatron_sp : ranks.sequence;
  return {m.attention,
          m.feed_forward,
          m.key_values,
          infers && m.head != Head::dense_fp32 ? Head::dense : m.head,
          job.recompute.kind,
          job.precision,
          optimizer.kind,
          is_adamw ? optimizer.states : StateDType::fp32,
          job.accumulate,
          job.dropout,
          sequence,
          ranks.sharding,
          ranks.tensor > 1,
          job.degrees.pipeline > 1,
          m.offload_checkpoints,
          m.offload_optimizer,
          m.offload_parameters,
          m.prefetch > 0 && (m.offload_parameters || ranks.sharding == StateSharding::zero3),
          is_adamw ? Momentum::none : optimizer.momentum,
          optimizer.kind == OptimizerKind::adafactor && optimizer.factored,
          optimizer.in_backward,
          some_layer(job.model, [](const LayerKind& kind) { return kind.experts.has_value(); }),
          some_layer(job.model, [](const LayerKind& kind) { return kind.qk_norm; }),
          some_layer(job.model, [](const LayerKind& kind) { return kind.residual != Residual::pre_norm; }),
          some_layer(job.model, [](const LayerKind& kind) { return kind.latent.has_value(); }),
          job.mode,
          cache_axis(job),
          infers && job.inference.prefill_chunk.rule != ChunkRule::whole,
          infers && some_layer(job.model, [](const LayerKind& kind) { return kind.window.has_value(); })};
}

std::span<const VerifiedRow> verified_rows() { return kRows; }

}  // namespace headroom::sim

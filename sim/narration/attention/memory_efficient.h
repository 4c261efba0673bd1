#pragma once

#include "narration/attention/query_block.h"

namespace headroom::sim {

/// Attention in query blocks over key blocks, score tiles as tensors, nothing of the scores saved: backward finds the
/// logsumexp of each query block again (Rabe & Staats, arXiv 2112.05682; checkpointed chunks).
struct MemoryEfficientAttention {
 private:
  static auto blocks(const LayerContext& ctx) {
    return [&ctx](std::int64_t rows) { return QueryBlock(ctx, rows, KeyValueSource::full_length); };
  }

 public:
  static constexpr Attention kValue = Attention::memory_efficient;
  static constexpr bool kBackwardReadsOutput = true;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    story.chunks(ctx.queries.tokens, ctx.plan.chunk.query, blocks(ctx),
                 [&](const QueryBlock& block, bool first) { block.forward(story, t.query.o, first, false); });
    story.dies_if(!keeps, t.query.q);
    t.kv.k_is_read(story, keeps);
    t.kv.v_is_read(story, keeps);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    story.chunks(ctx.queries.tokens, ctx.plan.chunk.query, blocks(ctx), [&](const QueryBlock& block, bool first) {
      block.recompute_lse(story);
      block.backward(
          story, t.query.dq, first, t.kv, first, [] {}, [] {});
    });
    for (const Tensor* read : {&t.query.q, &t.kv.k, &t.kv.v, &t.query.o, &t.query.d_o}) story.dies(*read);
    t.kv.dk.finish(story);
    t.kv.dv.finish(story);
  }
};

}  // namespace headroom::sim

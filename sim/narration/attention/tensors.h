#pragma once

#include "narration/distribution/crossing.h"
#include "narration/layer/context.h"
#include "narration/layer/waiting_gradient.h"
#include "narration/story.h"

namespace headroom::sim {

/// An output summed up in fp32: an accumulator beside it, or the output itself where it is fp32 already.
struct Accumulated {
  Tensor accumulator;
  Tensor output;
  bool apart;

  /// Just before the first addition. `bears`: the output, where it spans more than this accumulation, is not yet born.
  template <class S>
  void begin(S& story, bool bears = true) const {
    if (apart) story.born(accumulator);
    if (!apart) story.born_if(bears, output);
  }
  /// Behind the last addition: the output takes the rounded sum.
  template <class S>
  void finish(S& story, bool bears = true) const {
    if (!apart) return;
    story.born_if(bears, output);
    story.dies(accumulator);
  }
};

/// The norm in front of attention over some rows.
struct AttentionNorm {
  AttentionNorm(const LayerContext& ctx, Extent extent, Category category)
      : AttentionNorm(ctx, extent, ctx.residual(extent), category) {}

  Extent rows;
  Tensor out;         ///< shared input of the three projections
  Tensor statistics;  ///< of each row, for backward
  Tensor d_out;
  Crossing crossing;

  /// From the complete gradient of the norm's output into the stream's, which takes what waits for it.
  template <class S>
  void backward(S& story, const NormWeights& weights, bool first, const WaitingGradient& waiting) const {
    waiting.joins_norm_output(story);
    story.writes_gradients(weights, first);
    story.dies(statistics);
    story.dies(d_out);
    waiting.joins_stream(story);
  }

  static constexpr Role kOut{"attention norm output", "b·#·h", "Korthikanti et al. 4.1: shared input of q, k, v"};
  static constexpr Role kStatistics{"attention norm statistics", "b·#·n", "runtime policy: norms save row statistics"};
  static constexpr Role kDOut{"d attention norm output", "b·#·h", "runtime policy: norms"};

 private:
  AttentionNorm(const LayerContext& ctx, Extent extent, const Shape& residual, Category category)
      : rows(extent),
        out(kOut, rows.symbol, residual, ctx.compute, category),
        statistics(kStatistics, rows.symbol, ctx.statistics(rows), DType::fp32, category),
        d_out(kDOut, rows.symbol, residual, ctx.compute, Category::attention),
        crossing(ctx.plan, rows, kGatheredInput) {}
};

/// The query side of attention over some rows: q, o, row statistics and their gradients.
struct QueryTensors {
  QueryTensors(const LayerContext& ctx, Extent rows, Category category)
      : QueryTensors(ctx, rows, Shape(ctx.b, rows.tokens, ctx.heads, ctx.head_dim),
                     Shape(ctx.b, ctx.heads, rows.tokens), category) {}

  Tensor q, o;
  Tensor lse;      ///< logsumexp of each score row; the running row maximum until the last key block
  Tensor row_sum;  ///< running, where key blocks come one by one
  Tensor delta;    ///< D = rowsum(dO * O)
  Tensor o_accumulator, d_o, dq, dq_accumulator;

 private:
  static constexpr Role kQ{"q", "b·#·a·d", "Korthikanti et al. 4.1: QK^T"};
  static constexpr Role kO{"o (attention output)", "b·#·a·d", "Korthikanti et al. 4.1: projection's input"};
  static constexpr Role kLse{"logsumexp", "b·a·#", "FlashAttention-2, arXiv 2307.08691 section 3.1"};
  static constexpr Role kRowSum{"running row sum", "b·a·#", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kDelta{"D = rowsum(dO*O)", "b·a·#", "FlashAttention-2, arXiv 2307.08691 algorithm 2"};
  static constexpr Role kOAccumulator{"o accumulator", "b·#·a·d", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kDO{"d o", "b·#·a·d", "runtime policy: attention"};
  static constexpr Role kDQ{"d q", "b·#·a·d", "runtime policy: attention"};
  static constexpr Role kDQAccumulator{"d q accumulator", "b·#·a·d", "FlashAttention-2, arXiv 2307.08691 algorithm 2"};

  QueryTensors(const LayerContext& ctx, Extent rows, const Shape& heads, const Shape& per_row, Category category)
      : q(kQ, rows.symbol, heads, ctx.compute, category),
        o(kO, rows.symbol, heads, ctx.compute, category),
        lse(kLse, rows.symbol, per_row, DType::fp32, category),
        row_sum(kRowSum, rows.symbol, per_row, DType::fp32, Category::attention),
        delta(kDelta, rows.symbol, per_row, DType::fp32, Category::attention),
        o_accumulator(kOAccumulator, rows.symbol, heads, DType::fp32, Category::attention),
        d_o(kDO, rows.symbol, heads, ctx.compute, Category::attention),
        dq(kDQ, rows.symbol, heads, ctx.compute, Category::attention),
        dq_accumulator(kDQAccumulator, rows.symbol, heads, DType::fp32, Category::attention) {}
};

/// The key-value side of attention over some rows.
struct KeyValueTensors {
  KeyValueTensors(const LayerContext& ctx, Extent rows, Category category)
      : KeyValueTensors(ctx, rows, Shape(ctx.b, rows.tokens, ctx.kv_heads, ctx.head_dim), category) {}

  Tensor k, v;
  Accumulated dk, dv;
  bool stay = false;  ///< k and v are rows of a cache

  /// The core of a pass has read them, unless the pass `keeps`.
  template <class S>
  void k_is_read(S& story, bool keeps) const {
    story.dies_if(!keeps && !stay, k);
  }
  template <class S>
  void v_is_read(S& story, bool keeps) const {
    story.dies_if(!keeps && !stay, v);
  }

  static constexpr Role kK{"k", "b·#·k·d", "Korthikanti et al. 4.1: QK^T"};
  static constexpr Role kV{"v", "b·#·k·d", "Korthikanti et al. 4.1: attention over values"};
  static constexpr Role kDK{"d k", "b·#·k·d", "runtime policy: attention"};
  static constexpr Role kDV{"d v", "b·#·k·d", "runtime policy: attention"};
  static constexpr Role kDKAccumulator{"d k accumulator", "b·#·k·d", "runtime policy: blocks are summed in fp32"};
  static constexpr Role kDVAccumulator{"d v accumulator", "b·#·k·d", "runtime policy: blocks are summed in fp32"};

 private:
  KeyValueTensors(const LayerContext& ctx, Extent rows, const Shape& shape, Category category)
      : k(kK, rows.symbol, shape, ctx.compute, category),
        v(kV, rows.symbol, shape, ctx.compute, category),
        dk{{kDKAccumulator, rows.symbol, shape, DType::fp32, Category::attention},
           {kDK, rows.symbol, shape, ctx.compute, Category::attention},
           ctx.accumulates_apart()},
        dv{{kDVAccumulator, rows.symbol, shape, DType::fp32, Category::attention},
           {kDV, rows.symbol, shape, ctx.compute, Category::attention},
           ctx.accumulates_apart()} {}
};

/// Q, K and V, and what comes of them.
struct CoreTensors {
  CoreTensors(const LayerContext& ctx, Category queries, Category keys)
      : query(ctx, ctx.queries, queries), kv(ctx, ctx.keys, keys) {}
  CoreTensors(const QueryTensors& of_queries, const KeyValueTensors& of_keys) : query(of_queries), kv(of_keys) {}

  QueryTensors query;
  KeyValueTensors kv;
};

}  // namespace headroom::sim

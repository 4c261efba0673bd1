#pragma once

#include <array>

#include "../layer/context.h"
#include "../story.h"

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

/// The query side of attention over some rows: norm, q, o, statistics and their gradients.
struct QueryTensors {
  QueryTensors(const LayerContext& ctx, Extent rows, Category category)
      : norm_out(kNormOut, rows.symbol, {ctx.b, rows.tokens, ctx.h, 1}, ctx.compute, category),
        norm_statistics(kNormStatistics, rows.symbol, {ctx.b, rows.tokens, ctx.row_statistics, 1}, DType::fp32, category),
        q(kQ, rows.symbol, heads(ctx, rows), ctx.compute, category),
        o(kO, rows.symbol, heads(ctx, rows), ctx.compute, category),
        lse(kLse, rows.symbol, per_row(ctx, rows), DType::fp32, category),
        row_sum(kRowSum, rows.symbol, per_row(ctx, rows), DType::fp32, Category::attention),
        delta(kDelta, rows.symbol, per_row(ctx, rows), DType::fp32, Category::attention),
        o_accumulator(kOAccumulator, rows.symbol, heads(ctx, rows), DType::fp32, Category::attention),
        d_o(kDO, rows.symbol, heads(ctx, rows), ctx.compute, Category::attention),
        dq(kDQ, rows.symbol, heads(ctx, rows), ctx.compute, Category::attention),
        dq_accumulator(kDQAccumulator, rows.symbol, heads(ctx, rows), DType::fp32, Category::attention),
        d_norm_out(kDNormOut, rows.symbol, {ctx.b, rows.tokens, ctx.h, 1}, ctx.compute, Category::attention) {}

  Tensor norm_out, norm_statistics, q, o;
  Tensor lse;      ///< logsumexp of each score row; the running row maximum until the last key block
  Tensor row_sum;  ///< running, where key blocks come one by one
  Tensor delta;    ///< D = rowsum(dO * O)
  Tensor o_accumulator, d_o, dq, dq_accumulator, d_norm_out;

 private:
  static constexpr Role kNormOut{"attention norm output", "b·#·h", "Korthikanti et al. 4.1: shared input of q, k, v"};
  static constexpr Role kNormStatistics{"attention norm statistics", "b·#·n", "runtime policy: norms save row statistics"};
  static constexpr Role kQ{"q", "b·#·a·d", "Korthikanti et al. 4.1: QK^T"};
  static constexpr Role kO{"o (attention output)", "b·#·a·d", "Korthikanti et al. 4.1: projection's input"};
  static constexpr Role kLse{"logsumexp", "b·a·#", "FlashAttention-2, arXiv 2307.08691 section 3.1"};
  static constexpr Role kRowSum{"running row sum", "b·a·#", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kDelta{"D = rowsum(dO*O)", "b·a·#", "FlashAttention-2, arXiv 2307.08691 algorithm 2"};
  static constexpr Role kOAccumulator{"o accumulator", "b·#·a·d", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kDO{"d o", "b·#·a·d", "runtime policy: attention"};
  static constexpr Role kDQ{"d q", "b·#·a·d", "runtime policy: attention"};
  static constexpr Role kDQAccumulator{"d q accumulator", "b·#·a·d", "FlashAttention-2, arXiv 2307.08691 algorithm 2"};
  static constexpr Role kDNormOut{"d attention norm output", "b·#·h", "runtime policy: norms"};

  static std::array<std::int64_t, 4> heads(const LayerContext& ctx, Extent rows) {
    return {ctx.b, rows.tokens, ctx.kind.heads, ctx.kind.head_dim};
  }
  static std::array<std::int64_t, 4> per_row(const LayerContext& ctx, Extent rows) {
    return {ctx.b, ctx.kind.heads, rows.tokens, 1};
  }
};

/// The key-value side of attention over some rows.
struct KeyValueTensors {
  KeyValueTensors(const LayerContext& ctx, Extent rows, Category category)
      : k(make(kK, ctx, rows, ctx.compute, category)),
        v(make(kV, ctx, rows, ctx.compute, category)),
        dk{make(kDKAccumulator, ctx, rows, DType::fp32, Category::attention),
           make(kDK, ctx, rows, ctx.compute, Category::attention), ctx.accumulates_apart()},
        dv{make(kDVAccumulator, ctx, rows, DType::fp32, Category::attention),
           make(kDV, ctx, rows, ctx.compute, Category::attention), ctx.accumulates_apart()} {}

  Tensor k, v;
  Accumulated dk, dv;

 private:
  static constexpr Role kK{"k", "b·#·k·d", "Korthikanti et al. 4.1: QK^T"};
  static constexpr Role kV{"v", "b·#·k·d", "Korthikanti et al. 4.1: attention over values"};
  static constexpr Role kDK{"d k", "b·#·k·d", "runtime policy: attention"};
  static constexpr Role kDV{"d v", "b·#·k·d", "runtime policy: attention"};
  static constexpr Role kDKAccumulator{"d k accumulator", "b·#·k·d", "runtime policy: blockwise methods accumulate in fp32"};
  static constexpr Role kDVAccumulator{"d v accumulator", "b·#·k·d", "runtime policy: blockwise methods accumulate in fp32"};

  static Tensor make(const Role& role, const LayerContext& ctx, Extent rows, DType type, Category category) {
    return {role, rows.symbol, {ctx.b, rows.tokens, ctx.kind.kv_heads, ctx.kind.head_dim}, type, category};
  }
};

/// What one whole layer's attention works on.
struct AttentionTensors {
  explicit AttentionTensors(const LayerContext& ctx)
      : query(ctx, ctx.plan.whole(), ctx.kept(Category::attention)),
        kv(ctx, ctx.plan.whole(), ctx.kept(Category::attention)) {}

  QueryTensors query;
  KeyValueTensors kv;
};

}  // namespace headroom::sim

#pragma once

#include "narration/layer/branch.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// The feed-forward over some rows of the sequence: all of them (whole), a mini-sequence (chunked) or a query block
/// (blockwise). Korthikanti et al. 4.1, "MLP"; SwiGLU and GeGLU with a gate beside the up projection.
struct FeedForwardBlock {
  FeedForwardBlock(const LayerContext& ctx, Extent rows, Category category)
      : FeedForwardBlock(ctx, rows, ctx.in_products(rows), category) {}

  Tensor norm_out, norm_statistics, gate, up, activated, d_activated, d_norm_out;
  Crossing crossing;
  Branch branch;
  const LayerWeights& weights;
  bool gated;

  /// Reads r and writes x, the layer's output, of which these may be a block of rows. A pass without output stops at
  /// the last tensor that backward reads.
  template <class S>
  void forward(S& story, const Tensor& x, bool keeps, Output output) const {
    story.born(norm_out);
    story.born_if(keeps, norm_statistics);
    crossing.enter(story, norm_out, !keeps);
    story.born_if(gated, gate);
    story.born(up);
    crossing.entered(story, norm_out, !keeps);
    story.born_if(keeps, activated);  // else written over its first operand
    story.dies_if(!keeps && gated, up);
    branch.forward(story, keeps ? activated : gated ? gate : up, x, keeps, output);
  }

  /// Within backward, what the forward of these rows would have kept.
  template <class S>
  void recompute(S& story) const {
    forward(story, norm_out, true, Output::absent);
  }

  /// Reads what a keeping forward left, r, and the stream's gradient, which it updates in place.
  template <class S>
  void backward(S& story, bool first) const {
    branch.backward_begin(story, first);
    story.writes_gradients(weights.down, first);
    story.dies(activated);
    story.born(d_activated);
    branch.backward_end(story);
    story.dies(gated ? d_activated : up);  // gated: d_gate over gate, d_up over up; else d_up over d_activated
    crossing.enter(story, norm_out, true);
    if (gated) story.writes_gradients(weights.gate, first);
    story.writes_gradients(weights.up, first);
    crossing.entered(story, norm_out, true);
    crossing.begin_sum(story, d_norm_out, true);
    story.dies_if(gated, gate);
    story.dies(gated ? up : d_activated);
    crossing.finish_sum(story, d_norm_out, true);
    story.writes_gradients(weights.ffn_norm, first);
    story.dies(norm_statistics);
    story.dies(d_norm_out);
  }

 private:
  static constexpr Role kNormOut{"feed-forward norm output", "b·#·h", "Korthikanti et al. 4.1: first linear's input"};
  static constexpr Role kNormStatistics{"feed-forward norm statistics", "b·#·n",
                                        "runtime policy: norms save row statistics"};
  static constexpr Role kGate{"gate", "b·#·f", "SwiGLU, arXiv 2002.05202"};
  static constexpr Role kUp{"up", "b·#·f", "Korthikanti et al. 4.1: GeLU's input"};
  static constexpr Role kActivated{"activation output", "b·#·f", "Korthikanti et al. 4.1: second linear's input"};
  static constexpr Role kDActivated{"d activation output", "b·#·f", "runtime policy: elementwise gradients in place"};
  static constexpr Role kDNormOut{"d feed-forward norm output", "b·#·h", "runtime policy: norms"};

  FeedForwardBlock(const LayerContext& ctx, Extent rows, Extent in_products, Category category)
      : FeedForwardBlock(ctx, rows, ctx.residual(rows), in_products.symbol,
                         Shape(ctx.b, in_products.tokens, ctx.part.ffn_hidden), category) {}
  FeedForwardBlock(const LayerContext& ctx, Extent rows, const Shape& narrow, Symbols wide_symbol, const Shape& wide,
                   Category category)
      : norm_out(kNormOut, rows.symbol, narrow, ctx.compute, category),
        norm_statistics(kNormStatistics, rows.symbol, ctx.statistics(rows), DType::fp32, category),
        gate(kGate, wide_symbol, wide, ctx.compute, category),
        up(kUp, wide_symbol, wide, ctx.compute, category),
        activated(kActivated, wide_symbol, wide, ctx.compute, category),
        d_activated(kDActivated, wide_symbol, wide, ctx.compute, Category::feed_forward),
        d_norm_out(kDNormOut, rows.symbol, narrow, ctx.compute, Category::feed_forward),
        crossing(ctx.plan, rows, kGatheredInput),
        branch(ctx, rows, category, Category::feed_forward, ctx.weights.ffn_post_norm),
        weights(ctx.weights),
        gated(is_gated(ctx.kind.activation)) {}
};

}  // namespace headroom::sim

#pragma once

#include "narration/feed_forward/dense.h"
#include "narration/feed_forward/experts.h"
#include "narration/feed_forward/norm_output.h"
#include "narration/layer/branch.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// The feed-forward over some rows of the sequence: all of them (whole), a mini-sequence (chunked) or a query block
/// (blockwise). What is between its norm and its branch is one feed-forward for every token, or experts.
class FeedForwardBlock {
 public:
  FeedForwardBlock(const LayerContext& ctx, Extent rows, OfAttention of_attention, Category category)
      : ctx_(ctx),
        rows_(rows),
        category_(category),
        norm_out_(ctx, rows, of_attention, category),
        branch_(ctx, rows, category, Category::feed_forward, ctx.weights.ffn_post_norm) {}

  template <class S>
  void norm_forward(S& story, bool keeps) const {
    norm_out_.forward(story, keeps);
  }

  /// Behind the norm. Writes x, the layer's output, of which these may be a block of rows. A pass without output stops
  /// at the last tensor that backward reads.
  template <class S>
  void forward(S& story, const Tensor& x, bool keeps, Output output) const {
    with_rows([&](const auto& rows) { rows.forward(story, norm_out_, branch_, x, keeps, output); });
  }

  /// Within backward, what the forward of these rows would have kept.
  template <class S>
  void recompute(S& story) const {
    norm_forward(story, true);
    forward(story, Tensor(), true, Output::absent);
  }

  /// Reads what a keeping forward left, r or x, and the stream's gradient, which it updates in place or, in parallel
  /// layers, leaves to attention's backward.
  template <class S>
  void backward(S& story, bool first) const {
    with_rows([&](const auto& rows) { rows.backward(story, norm_out_, branch_, first); });
    norm_out_.backward(story, first);
  }

 private:
  template <class F>
  void with_rows(F f) const {
    const Extent in_products = ctx_.in_products(rows_);
    if (ctx_.kind.experts) return f(ExpertFeedForward(ctx_, in_products, category_));
    f(DenseFeedForward(ctx_, in_products, category_));
  }

  const LayerContext& ctx_;
  Extent rows_;
  Category category_;
  NormOutput norm_out_;
  Branch branch_;
};

}  // namespace headroom::sim

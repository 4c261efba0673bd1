#pragma once

#include <utility>
#include <variant>

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
      : norm_out_(ctx, rows, of_attention, category),
        branch_(ctx, rows, category, Category::feed_forward, ctx.weights.ffn_post_norm),
        rows_(rows_of(ctx, ctx.in_products(rows), category)) {}

  template <class S>
  void norm_forward(S& story, bool keeps) const {
    norm_out_.forward(story, keeps);
  }

  /// Behind the norm. Writes x, the layer's output, of which these may be a block of rows. A pass without output stops
  /// at the last tensor that backward reads.
  template <class S>
  void forward(S& story, const Tensor& x, bool keeps, Output output) const {
    std::visit([&](const auto& rows) { rows.forward(story, norm_out_, branch_, x, keeps, output); }, rows_);
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
    std::visit([&](const auto& rows) { rows.backward(story, norm_out_, branch_, first); }, rows_);
    norm_out_.backward(story, first);
  }

 private:
  using Rows = std::variant<DenseFeedForward, ExpertFeedForward>;

  static Rows rows_of(const LayerContext& ctx, Extent in_products, Category category) {
    if (ctx.kind.experts) return Rows(std::in_place_type<ExpertFeedForward>, ctx, in_products, category);
    return Rows(std::in_place_type<DenseFeedForward>, ctx, in_products, category);
  }

  NormOutput norm_out_;
  Branch branch_;
  Rows rows_;
};

}  // namespace headroom::sim

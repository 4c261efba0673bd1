#pragma once

#include "narration/feed_forward/block.h"

namespace headroom::sim {

/// The feed-forward over the whole sequence at once.
struct WholeFeedForward {
  static constexpr FeedForward kValue = FeedForward::whole;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Stream& stream, const Pass& pass) {
    const FeedForwardBlock block(ctx, ctx.plan.whole(), ctx.kept(Category::feed_forward));
    block.forward(story, stream.input, pass.keeps, pass.has_output ? Output::first_written : Output::absent);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    const FeedForwardBlock block(ctx, ctx.plan.whole(), ctx.kept(Category::feed_forward));
    story.at(Instant::feed_forward_backward);
    block.backward(story, true);
  }
};

}  // namespace headroom::sim

#pragma once

#include "narration/feed_forward/block.h"

namespace headroom::sim {

/// The feed-forward over the whole sequence at once.
struct WholeFeedForward {
  static constexpr FeedForward kValue = FeedForward::whole;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Stream& stream, const Pass& pass) {
    const FeedForwardBlock block = all_rows(ctx);
    block.norm_forward(story, pass.keeps);
    story.dies_if(ctx.reads_input_twice() && !pass.keeps_input, stream.input);
    block.forward(story, stream.input, pass.keeps, pass.has_output ? Output::first_written : Output::absent);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    story.at(Instant::feed_forward_backward);
    all_rows(ctx).backward(story, true);
  }

 private:
  static FeedForwardBlock all_rows(const LayerContext& ctx) {
    return {ctx, ctx.plan.whole(), OfAttention::all_rows, ctx.kept(Category::feed_forward)};
  }
};

}  // namespace headroom::sim

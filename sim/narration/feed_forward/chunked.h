#pragma once

#include "narration/feed_forward/block.h"

namespace headroom::sim {

/// The feed-forward over mini-sequences of c_f tokens (Mini-Sequence Transformer, arXiv 2407.15892 section 3; tiled
/// MLP of ALST, arXiv 2506.13996). Forward keeps nothing of the interior but r; backward computes each chunk again.
struct ChunkedFeedForward {
 private:
  static auto blocks(const LayerContext& ctx) {
    return [&ctx](std::int64_t tokens) {
      return FeedForwardBlock(ctx, {tokens, "c_f"}, OfAttention::some_rows, Category::feed_forward);
    };
  }

 public:
  static constexpr FeedForward kValue = FeedForward::chunked;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Stream& stream, const Pass& pass) {
    if (!pass.has_output) return;
    story.chunks(ctx.plan.s, ctx.plan.chunk.ffn, blocks(ctx), [&](const FeedForwardBlock& block, bool first) {
      block.norm_forward(story, false);
      block.forward(story, stream.input, false, written(first));
    });
    story.dies_if(ctx.reads_input_twice() && !pass.keeps_input, stream.input);
    if (ctx.one_norm && !pass.keeps)
      story.dies(AttentionNorm(ctx, ctx.plan.whole(), ctx.kept(Category::attention)).out);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    story.chunks(ctx.plan.s, ctx.plan.chunk.ffn, blocks(ctx), [&](const FeedForwardBlock& block, bool first) {
      story.at(Instant::feed_forward_recompute);
      block.recompute(story);
      story.at(Instant::feed_forward_backward);
      block.backward(story, first);
    });
  }
};

}  // namespace headroom::sim

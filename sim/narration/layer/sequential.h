#pragma once

#include "narration/attention/choices.h"
#include "narration/attention/head_norm.h"
#include "narration/distribution/choices.h"
#include "narration/distribution/fpdt.h"
#include "narration/feed_forward/chunked.h"
#include "narration/feed_forward/whole.h"
#include "narration/layer/branch.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// A layer that finishes attention over the whole sequence before its feed-forward starts. FeedForwardPiece is
/// WholeFeedForward or ChunkedFeedForward; the attention is chosen by the job.
template <class FeedForwardPiece>
struct SequentialLayer {
  static constexpr FeedForward kValue = FeedForwardPiece::kValue;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Pass& pass) {
    const Stream stream(ctx.plan);
    story.at(pass.recompute ? Instant::attention_recompute : Instant::attention_forward);
    attention_forward(story, ctx, stream, pass);
    story.dies_if(!pass.keeps_input && !ctx.reads_input_twice(), stream.input);
    story.at(pass.recompute ? Instant::feed_forward_recompute : Instant::feed_forward_forward);
    FeedForwardPiece::forward(story, ctx, stream, pass);
    story.dies_if(ctx.parallel ? pass.has_output : !pass.keeps, stream.middle);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    const Stream stream(ctx.plan);
    FeedForwardPiece::backward(story, ctx);
    story.dies_if(!ctx.parallel, stream.middle);
    story.at(Instant::attention_backward);
    attention_backward(story, ctx);
    story.dies(stream.input);
  }

 private:
  static Branch attention_branch(const LayerContext& ctx) {
    return {ctx, ctx.plan.whole(), ctx.kept(Category::attention), Category::attention, ctx.weights.attention_post_norm};
  }

  static HeadNorm query_norm(const LayerContext& ctx) {
    return HeadNorm::of_queries(ctx, ctx.queries, ctx.kept(Category::attention));
  }
  static HeadNorm key_norm(const LayerContext& ctx) {
    return HeadNorm::of_keys(ctx, ctx.keys, ctx.kept(Category::attention));
  }

  /// Else attention works on the whole of the rank's run.
  [[nodiscard]] static bool runs_in_chunks(const LayerContext& ctx) {
    return ctx.plan.fixed.ranks.sequence == SequenceDistribution::fpdt;
  }

  /// f(distribution, core): how the ranks share the sequence, and the attention that each of them runs.
  template <class F>
  static void with_attention(const LayerContext& ctx, F f) {
    with_choice(DistributionChoices{}, ctx.plan.fixed.ranks.sequence, [&](auto distribution) {
      with_choice(AttentionChoices{}, ctx.method.attention, [&](auto core) { f(distribution, core); });
    });
  }

  template <class S>
  static void attention_forward(S& story, const LayerContext& ctx, const Stream& stream, const Pass& pass) {
    if (runs_in_chunks(ctx)) return FpdtAttention::forward(story, ctx, stream.middle, pass.keeps);
    const AttentionNorm norm(ctx, ctx.plan.whole(), ctx.kept(Category::attention));
    with_attention(ctx, [&](auto distribution, auto core) {
      using Distribution = decltype(distribution);
      const CoreTensors t = Distribution::tensors(ctx);
      story.born(norm.out);
      story.born_if(pass.keeps, norm.statistics);
      const bool is_done = !pass.keeps && !ctx.one_norm;
      norm.crossing.enter(story, norm.out, is_done);
      query_norm(ctx).forward(story, t.query.q, pass.keeps);
      key_norm(ctx).forward(story, t.kv.k, pass.keeps);
      story.born(t.kv.v);
      norm.crossing.entered(story, norm.out, is_done);
      Distribution::template forward<decltype(core)>(story, ctx, t, pass.keeps);
      attention_branch(ctx).forward(story, t.query.o, stream.middle, pass.keeps,
                                    ctx.parallel && !pass.has_output ? Output::absent : Output::first_written);
    });
  }

  template <class S>
  static void attention_backward(S& story, const LayerContext& ctx) {
    if (runs_in_chunks(ctx)) return FpdtAttention::backward(story, ctx);
    with_attention(ctx, [&](auto distribution, auto core) {
      using Distribution = decltype(distribution);
      using Core = decltype(core);
      const CoreTensors t = Distribution::tensors(ctx);
      const Branch branch = attention_branch(ctx);
      branch.backward_begin(story, true);
      story.writes_gradients(ctx.weights.output, true);
      story.dies_if(!Distribution::template reads_output<Core>(), t.query.o);
      story.born(t.query.d_o);
      branch.backward_end(story);
      Distribution::template backward<Core>(story, ctx, t);
      projections_backward(story, ctx, t);
    });
  }

  /// From dq, dk, dv through the three projections and the norm into the stream's gradient.
  template <class S>
  static void projections_backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const AttentionNorm norm(ctx, ctx.plan.whole(), ctx.kept(Category::attention));
    query_norm(ctx).backward(story, true);
    key_norm(ctx).backward(story, true);
    norm.crossing.enter(story, norm.out, true);
    story.writes_gradients(ctx.weights.query, true);
    story.writes_gradients(ctx.weights.key, true);
    story.writes_gradients(ctx.weights.value, true);
    norm.crossing.entered(story, norm.out, true);
    norm.crossing.begin_sum(story, norm.d_out, true);
    story.dies(t.query.dq);
    story.dies(t.kv.dk.output);
    story.dies(t.kv.dv.output);
    norm.crossing.finish_sum(story, norm.d_out, true);
    norm.backward(story, ctx.weights.attention_norm, true, WaitingGradient(ctx, ctx.plan.whole()));
  }
};

}  // namespace headroom::sim

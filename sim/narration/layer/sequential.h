#pragma once

#include "narration/attention/absorbed.h"
#include "narration/attention/choices.h"
#include "narration/attention/output_heads.h"
#include "narration/attention/projections.h"
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

  static QueryProjection queries(const LayerContext& ctx) { return {ctx, ctx.queries, ctx.kept(Category::attention)}; }
  static KeyValueProjection key_values(const LayerContext& ctx) {
    return {ctx, ctx.keys, ctx.kept(Category::attention)};
  }
  static OutputHeads output_heads(const LayerContext& ctx) { return {ctx, ctx.queries, ctx.kept(Category::attention)}; }

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
    if (AbsorbedAttention::runs(ctx)) return absorbed_forward(story, ctx, stream);
    with_attention(ctx, [&](auto distribution, auto core) {
      using Distribution = decltype(distribution);
      using Core = decltype(core);
      const bool backward_reads_o = Distribution::template reads_output<Core>();
      const OutputHeads heads = output_heads(ctx);
      CoreTensors t = Distribution::tensors(ctx);
      t.query.o = heads.of_core(t.query.o, backward_reads_o);
      projections_forward(story, ctx, t, pass.keeps);
      Distribution::template forward<Core>(story, ctx, t, pass.keeps);
      const Tensor product_input = heads.forward(story, t.query.o, pass.keeps && backward_reads_o);
      attention_branch(ctx).forward(story, product_input, stream.middle, pass.keeps,
                                    ctx.parallel && !pass.has_output ? Output::absent : Output::first_written);
    });
  }

  template <class S>
  static void absorbed_forward(S& story, const LayerContext& ctx, const Stream& stream) {
    const AbsorbedAttention absorbed(ctx);
    const AttentionNorm norm(ctx, ctx.plan.whole(), Category::attention);
    const Tensor q = QueryTensors(ctx, ctx.queries, Category::attention).q;
    story.born(norm.out);
    queries(ctx).forward(story, q, false);
    absorbed.keys_forward(story, ctx.keys, [&] { story.dies_if(!ctx.one_norm, norm.out); });
    const Tensor output = absorbed.forward(story, ctx.queries, q, [&](const QueryTensors& query) {
      with_choice(AttentionChoices{}, ctx.method.attention, [&](auto core) {
        decltype(core)::forward(story, absorbed.core(), {query, absorbed.cached()}, false);
      });
    });
    attention_branch(ctx).forward(story, output, stream.middle, false, Output::first_written);
  }

  /// From x through the norm to q, k and v.
  template <class S>
  static void projections_forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    const AttentionNorm norm(ctx, ctx.plan.whole(), ctx.kept(Category::attention));
    const bool is_done = !keeps && !ctx.one_norm;
    story.born(norm.out);
    story.born_if(keeps, norm.statistics);
    norm.crossing.enter(story, norm.out, is_done);
    queries(ctx).forward(story, t.query.q, keeps);
    key_values(ctx).forward(story, t.kv.k, t.kv.v, keeps, true,
                            [&] { norm.crossing.entered(story, norm.out, is_done); });
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
      const OutputHeads heads = output_heads(ctx);
      heads.is_read(story, t.query.o, !Distribution::template reads_output<Core>());
      heads.gradient_born(story, t.query.d_o, [&] { branch.backward_end(story); });
      Distribution::template backward<Core>(story, ctx, t);
      projections_backward(story, ctx, t);
    });
  }

  /// From dq, dk, dv through the three projections and the norm into the stream's gradient.
  template <class S>
  static void projections_backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const AttentionNorm norm(ctx, ctx.plan.whole(), ctx.kept(Category::attention));
    const QueryProjection query = queries(ctx);
    const KeyValueProjection key_value = key_values(ctx);
    query.backward(story, t.query.dq, true);
    key_value.backward(story, t.kv, true, true);
    norm.crossing.enter(story, norm.out, true);
    query.weights_backward(story, true);
    key_value.weights_backward(story, true);
    norm.crossing.entered(story, norm.out, true);
    norm.crossing.begin_sum(story, norm.d_out, true);
    query.gradient_dies(story, t.query.dq);
    key_value.gradients_die(story, t.kv, true);
    norm.crossing.finish_sum(story, norm.d_out, true);
    norm.backward(story, ctx.weights.attention_norm, true, WaitingGradient(ctx, ctx.plan.whole()));
  }
};

}  // namespace headroom::sim

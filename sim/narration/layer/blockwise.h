#pragma once

#include "narration/attention/absorbed.h"
#include "narration/attention/output_heads.h"
#include "narration/attention/projections.h"
#include "narration/attention/query_block.h"
#include "narration/feed_forward/block.h"
#include "narration/layer/branch.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// Blockwise Parallel Transformer (arXiv 2305.19370 section 3): query block by query block, attention over all
/// key-value blocks and then the feed-forward of the same rows, forward and backward. At full length there are only the
/// layer's input, its output, K and V (unless recomputed) and, in backward, the fp32 sums of dk and dv.
struct BlockwiseLayer {
  static constexpr FeedForward kValue = FeedForward::blockwise;

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Pass& pass) {
    if (AbsorbedAttention::runs(ctx)) return absorbed_forward(story, ctx);
    const KeyValueTensors kv = full_length(ctx);
    story.at(pass.recompute ? Instant::attention_recompute : Instant::attention_forward);
    if (keeps_key_values(ctx)) key_values_forward(story, ctx, kv);
    if (!pass.has_output) return;
    const KeysRead keys(ctx);
    const LayerContext core = keys.core();
    const KeyValueTensors read = keys.store(story, kv);
    const Stream stream(ctx.plan);
    story.chunks(ctx.plan.s, ctx.plan.chunk.query, Blocks{core}, [&](const Block& block, bool first) {
      story.at(pass.recompute ? Instant::attention_recompute : Instant::attention_forward);
      block.attention_forward(story, false);
      story.at(pass.recompute ? Instant::feed_forward_recompute : Instant::feed_forward_forward);
      block.feed_forward(story, stream.input, first);
    });
    if (keeps_key_values(ctx) && !pass.keeps && !read.stay) key_values_die(story, read);
    story.dies_if(!pass.keeps_input, stream.input);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    const KeyValueTensors kv = full_length(ctx);
    story.chunks(ctx.plan.s, ctx.plan.chunk.query, Blocks{ctx}, [&](const Block& block, bool first) {
      story.at(Instant::attention_recompute);
      block.attention_forward(story, true);
      story.at(Instant::feed_forward_recompute);
      block.ffn.recompute(story);
      story.at(Instant::feed_forward_backward);
      block.ffn.backward(story, first);
      story.dies_if(!ctx.parallel, block.stream.middle);
      story.at(Instant::attention_backward);
      block.attention_backward(story, kv, first);
    });
    if (keeps_key_values(ctx)) key_values_die(story, kv);
    key_values_backward(story, ctx);
    story.dies(kv.dk.apart ? kv.dk.accumulator : kv.dk.output);
    story.dies(kv.dv.apart ? kv.dv.accumulator : kv.dv.output);
    story.dies(Stream(ctx.plan).input);
  }

 private:
  struct Block;
  struct Blocks {
    const LayerContext& ctx;
    Block operator()(std::int64_t rows) const { return {ctx, rows}; }
  };

  [[nodiscard]] static bool keeps_key_values(const LayerContext& ctx) {
    return ctx.method.key_values == KeyValues::kept;
  }
  [[nodiscard]] static KeyValueTensors full_length(const LayerContext& ctx) {
    return {ctx, ctx.keys, ctx.kept(Category::attention)};
  }

  /// A pass of inference with latent attention.
  template <class S>
  static void absorbed_forward(S& story, const LayerContext& ctx) {
    const AbsorbedAttention absorbed(ctx);
    story.at(Instant::attention_forward);
    const auto norms = [&ctx](std::int64_t rows) { return AttentionNorm(ctx, {rows, "c_kv"}, Category::attention); };
    story.equal_chunks(ctx.plan.s, ctx.plan.chunk.kv, norms, [&](const AttentionNorm& norm) {
      story.born(norm.out);
      absorbed.keys_forward(story, ctx.block(norm.rows.tokens, "c_kv"), [&] { story.dies(norm.out); });
    });
    const Stream stream(ctx.plan);
    story.chunks(ctx.plan.s, ctx.plan.chunk.query, Blocks{ctx}, [&](const Block& block, bool first) {
      story.at(Instant::attention_forward);
      block.absorbed_forward(story, absorbed);
      story.at(Instant::feed_forward_forward);
      block.feed_forward(story, stream.input, first);
    });
    story.dies(stream.input);
  }

  /// The rows of one query block, from norm to the layer's output.
  struct Block {
    Block(const LayerContext& context, std::int64_t block_rows)
        : ctx(context),
          rows(block_rows),
          norm(context, {rows, "c_q"}, Category::attention),
          attention(context, rows, keeps_key_values(context) ? KeyValueSource::full_length : KeyValueSource::per_block),
          stream(context.plan, {rows, "c_q"}),
          ffn(context, {rows, "c_q"}, OfAttention::all_rows, Category::feed_forward),
          branch(context, {rows, "c_q"}, Category::attention, Category::attention,
                 context.weights.attention_post_norm) {}

    const LayerContext& ctx;
    std::int64_t rows;
    AttentionNorm norm;
    QueryBlock attention;
    Stream stream;
    FeedForwardBlock ffn;
    Branch branch;

    template <class S>
    void attention_forward(S& story, bool keeps) const {
      const QueryTensors& t = attention.query();
      story.born(norm.out);
      story.born_if(keeps, norm.statistics);
      query_projection().forward(story, t.q, keeps);
      story.dies_if(!keeps && !ctx.one_norm, norm.out);
      attention.forward(story, t.o, true, keeps);
      story.dies_if(!keeps, t.q);
      const Tensor product_input = output_heads().forward(story, t.o, keeps);
      branch.forward(story, product_input, stream.middle, keeps,
                     keeps && ctx.parallel ? Output::absent : Output::first_written);
    }

    template <class S>
    void absorbed_forward(S& story, const AbsorbedAttention& absorbed) const {
      const Tensor& q = attention.query().q;
      const Extent block = ctx.block(rows, "c_q");
      story.born(norm.out);
      query_projection().forward(story, q, false);
      story.dies_if(!ctx.one_norm, norm.out);
      const Tensor output = absorbed.forward(story, block, q, [&](const QueryTensors& query) {
        QueryBlock(absorbed.core(), rows, KeyValueSource::full_length, query).forward(story, query.o, true, false);
        story.dies(query.q);
      });
      branch.forward(story, output, stream.middle, false, Output::first_written);
    }

    /// Of the block's rows, to the layer's output, in a pass that discards.
    template <class S>
    void feed_forward(S& story, const Tensor& output, bool first) const {
      ffn.norm_forward(story, false);
      ffn.forward(story, output, false, written(first));
      story.dies(stream.middle);
    }

    template <class S>
    void attention_backward(S& story, const KeyValueTensors& sums, bool first) const {
      const QueryTensors& t = attention.query();
      branch.backward_begin(story, first);
      story.writes_gradients(ctx.weights.output, first);
      output_heads().is_read(story, t.o, false);
      output_heads().gradient_born(story, t.d_o, [&] { branch.backward_end(story); });
      attention.backward(
          story, t.dq, true, sums, first, [&] { story.dies(t.o); },
          [&] {
            story.dies(t.q);
            story.dies(t.d_o);
          });
      const QueryProjection projection = query_projection();
      projection.backward(story, t.dq, first);
      projection.weights_backward(story, first);
      story.dies(norm.out);
      norm.crossing.begin_sum(story, norm.d_out, true);
      projection.gradient_dies(story, t.dq);
      norm.crossing.finish_sum(story, norm.d_out, true);
      norm.backward(story, ctx.weights.attention_norm, first, WaitingGradient(ctx, {rows, "c_q"}));
    }

    [[nodiscard]] QueryProjection query_projection() const {
      return {ctx, ctx.block(rows, "c_q"), Category::attention};
    }
    [[nodiscard]] OutputHeads output_heads() const { return {ctx, ctx.block(rows, "c_q"), Category::attention}; }
  };

  template <class S>
  static void key_values_forward(S& story, const LayerContext& ctx, const KeyValueTensors& kv) {
    struct KeyBlock {
      AttentionNorm norm;
      KeyValueProjection projection;
    };
    const auto key_blocks = [&ctx](std::int64_t rows) {
      return KeyBlock{{ctx, {rows, "c_kv"}, Category::attention}, {ctx, ctx.block(rows, "c_kv"), Category::attention}};
    };
    story.chunks(ctx.plan.s, ctx.plan.chunk.kv, key_blocks, [&](const KeyBlock& block, bool first) {
      story.born(block.norm.out);
      block.projection.forward(story, kv.k, kv.v, false, first, [&] { story.dies(block.norm.out); });
    });
  }

  template <class S>
  static void key_values_die(S& story, const KeyValueTensors& kv) {
    story.dies(kv.k);
    story.dies(kv.v);
  }

  /// From the sums of dk and dv through the projections and the norm into the stream's gradient, key block by key
  /// block.
  template <class S>
  static void key_values_backward(S& story, const LayerContext& ctx) {
    struct KeyBlock {
      AttentionNorm norm;
      KeyValueProjection projection;
      KeyValueTensors kv;
    };
    const auto key_blocks = [&ctx](std::int64_t rows) {
      const Extent extent{rows, "c_kv"}, keys = ctx.block(rows, "c_kv");
      return KeyBlock{
          {ctx, extent, Category::attention}, {ctx, keys, Category::attention}, {ctx, keys, Category::attention}};
    };
    story.chunks(ctx.plan.s, ctx.plan.chunk.kv, key_blocks, [&](const KeyBlock& block, bool first) {
      const AttentionNorm& norm = block.norm;
      story.born(norm.out);
      story.born(norm.statistics);
      block.projection.recompute(story);
      story.born_if(block.kv.dk.apart, block.kv.dk.output);
      story.born_if(block.kv.dv.apart, block.kv.dv.output);
      block.projection.backward(story, block.kv, block.kv.dk.apart, first);
      block.projection.weights_backward(story, first);
      story.dies(norm.out);
      norm.crossing.begin_sum(story, norm.d_out, true);
      block.projection.gradients_die(story, block.kv, block.kv.dk.apart);
      norm.crossing.finish_sum(story, norm.d_out, true);
      story.dies(norm.statistics);
      story.dies(norm.d_out);
    });
  }
};

}  // namespace headroom::sim

#pragma once

#include <algorithm>
#include <cstdint>

#include "narration/attention/projections.h"
#include "narration/attention/tensors.h"
#include "narration/distribution/head_share.h"
#include "narration/layer/branch.h"

namespace headroom::sim {

/// Fully Pipelined Distributed Transformer (arXiv 2408.16978 section 4): attention chunk by chunk of the sequence, each
/// exchanged for heads, while keys, values and what backward reads wait on the host.
class FpdtAttention {
 public:
  template <class S>
  static void forward(S& story, const LayerContext& ctx, const Tensor& r, bool keeps) {
    const FpdtAttention layer(ctx);
    layer.for_chunks(story, [&](const Place& at) { layer.chunk_forward(story, at, r, keeps); });
    if (keeps) return;
    story.repeat(layer.chunks_ - 1, 0, [&] { layer.full_.keys_die(story); });
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx) {
    const FpdtAttention layer(ctx);
    story.chunks(
        layer.tokens_, ctx.plan.chunk.query, [&](std::int64_t tokens) { return layer.of_length(tokens); },
        [&](const Chunk* chunk, bool first) { layer.output_backward(story, *chunk, first); });
    layer.for_key_chunks(story, [&](const Place& at) { layer.keys_backward(story, at); });
  }

 private:
  /// The tensors of a chunk of some tokens: the rank's piece of them, and all of them over the rank's heads.
  struct Chunk {
    Chunk(const LayerContext& context, std::int64_t tokens)
        : Chunk(context,
                Extent{tokens / context.plan.fixed.ranks.runs, context.plan.fixed.ranks.runs > 1 ? "c_q/N" : "c_q"},
                tokens) {}

    const LayerContext own_ctx;
    const LayerContext core_ctx;
    bool exchanges;
    AttentionNorm norm;
    Branch branch;
    CoreTensors own, over;
    Tensor host_k, host_v, host_q, host_o, host_lse, host_d_o, host_delta, host_dq;

    [[nodiscard]] QueryProjection queries() const { return {own_ctx, own_ctx.queries, Category::attention}; }
    [[nodiscard]] KeyValueProjection key_values() const { return {own_ctx, own_ctx.keys, Category::attention}; }

    /// The running sum of dq, and where it ends up.
    [[nodiscard]] Accumulated dq() const {
      return {over.query.dq_accumulator, over.query.dq, core_ctx.accumulates_apart()};
    }
    [[nodiscard]] const Tensor& dq_sum() const { return dq().apart ? over.query.dq_accumulator : over.query.dq; }

    template <class S>
    void exchange(S& story, const Tensor& from, const Tensor& to) const {
      if (exchanges) HeadShare::exchange(story, from, to);
    }
    template <class S>
    void keys_die(S& story) const {
      story.host_dies(host_k);
      story.host_dies(host_v);
    }

   private:
    Chunk(const LayerContext& context, Extent piece, std::int64_t tokens)
        : own_ctx(over_piece(context, piece)),
          core_ctx(HeadShare::of(own_ctx, tokens, "c_q")),
          exchanges(context.plan.fixed.ranks.heads > 1),
          norm(own_ctx, piece, Category::attention),
          branch(own_ctx, piece, Category::attention, Category::attention, context.weights.attention_post_norm),
          own(own_ctx, Category::attention, Category::attention),
          over(core_ctx, Category::attention, Category::attention),
          host_k(waiting(over.kv.k)),
          host_v(waiting(over.kv.v)),
          host_q(waiting(over.query.q)),
          host_o(waiting(over.query.o)),
          host_lse(waiting(over.query.lse)),
          host_d_o(over.query.d_o),
          host_delta(over.query.delta),
          host_dq(dq_sum()) {
      if (!exchanges) own = over;
    }

    static LayerContext over_piece(LayerContext ctx, Extent piece) {
      ctx.queries = ctx.keys = {piece.tokens, {piece.symbol.tokens, ctx.symbols}};
      return ctx;
    }
    /// On the host; saved where the forward pass leaves it for backward.
    [[nodiscard]] Tensor waiting(Tensor tensor) const {
      tensor.category = own_ctx.kept(Category::attention);
      return tensor;
    }
  };

  /// A chunk among the others. Where equal chunks are told once, `index` is that of the first of them.
  struct Place {
    std::int64_t index;
    const Chunk& chunk;
  };

  explicit FpdtAttention(const LayerContext& ctx)
      : ctx_(ctx),
        tokens_(ctx.plan.all),
        chunks_(ceil_div(tokens_, ctx.plan.chunk.query)),
        full_count_(tokens_ / ctx.plan.chunk.query),
        full_(ctx, ctx.plan.chunk.query),
        rest_(ctx, tokens_ % ctx.plan.chunk.query) {}

  [[nodiscard]] const Chunk* of_length(std::int64_t tokens) const {
    return tokens == ctx_.plan.chunk.query ? &full_ : &rest_;
  }
  [[nodiscard]] Place place(std::int64_t index) const { return {index, index < full_count_ ? full_ : rest_}; }
  [[nodiscard]] bool is_last(const Place& at) const { return at.index == chunks_ - 1; }

  /// In order. From the third on a chunk differs from the one before only in how often it fetches keys, which leaves no
  /// level higher; the last one may be shorter and puts less on the host.
  template <class S, class Tell>
  void for_chunks(S& story, Tell tell) const {
    tell(place(0));
    if (chunks_ > 2) tell(place(1));
    each_from(story, 2, chunks_ - 1, tell);
    if (chunks_ > 1) tell(place(chunks_ - 1));
  }

  /// In order. A full key chunk differs from the one before only in how many query chunks it meets.
  template <class S, class Tell>
  void for_key_chunks(S& story, Tell tell) const {
    tell(place(0));
    each_from(story, 1, full_count_, tell);
    if (chunks_ > 1 && full_count_ < chunks_) tell(place(chunks_ - 1));
  }

  template <class S, class Tell>
  void each_from(S& story, std::int64_t first, std::int64_t end, Tell tell) const {
    if constexpr (S::kUnrolls) {
      for (std::int64_t i = first; i < end; ++i) tell(place(i));
    } else {
      story.repeat(end - first, 0, [&] { tell(place(first)); });
    }
  }

  template <class S>
  void chunk_forward(S& story, const Place& at, const Tensor& r, bool keeps) const {
    const Chunk& c = at.chunk;
    const CoreTensors& over = c.over;
    story.born(c.norm.out);
    c.queries().forward(story, c.own.query.q, false);
    c.key_values().forward(story, c.own.kv.k, c.own.kv.v, false, true, [&] { story.dies(c.norm.out); });
    c.exchange(story, c.own.query.q, over.query.q);
    c.exchange(story, c.own.kv.k, over.kv.k);
    c.exchange(story, c.own.kv.v, over.kv.v);
    if (keeps || !is_last(at)) {
      story.host_born(c.host_k);
      story.host_born(c.host_v);
    }
    const Accumulated o{over.query.o_accumulator, over.query.o, ctx_.accumulates_apart()};
    story.born(over.query.lse);
    story.born(over.query.row_sum);
    o.begin(story);
    earlier_keys(story, at.index);
    story.dies(over.kv.k);
    story.dies(over.kv.v);
    if (keeps) story.host_born(c.host_q);
    story.dies(over.query.q);
    o.finish(story);
    story.dies(over.query.row_sum);
    if (keeps) {
      story.host_born(c.host_lse);
      story.host_born(c.host_o);
    }
    story.dies(over.query.lse);
    c.exchange(story, over.query.o, c.own.query.o);
    c.branch.forward(story, c.own.query.o, r, false, written(at.index == 0));
  }

  /// Two chunks' keys and values are on the device while one is read and the next one comes.
  template <class S>
  void earlier_keys(S& story, std::int64_t count) const {
    if (count == 0) return;
    const KeyValueTensors& fetched = full_.over.kv;
    const auto come = [&] { story.born(fetched.k), story.born(fetched.v); };
    const auto go = [&] { story.dies(fetched.k), story.dies(fetched.v); };
    come();
    story.repeat(count - 1, 0, [&] {
      come();
      go();
    });
    go();
  }

  /// From the residual gradient to the gradient of o, which waits on the host for all key chunks.
  template <class S>
  void output_backward(S& story, const Chunk& c, bool first) const {
    story.born(c.over.query.o);
    story.host_dies(c.host_o);
    if (c.exchanges) story.born(c.own.query.o);
    c.branch.forward(story, c.own.query.o, c.norm.out, true, Output::absent);
    c.branch.backward_begin(story, first);
    story.writes_gradients(ctx_.weights.output, first);
    if (c.exchanges) story.dies(c.own.query.o);
    story.born(c.own.query.d_o);
    c.branch.backward_end(story);
    c.exchange(story, c.own.query.d_o, c.over.query.d_o);
    story.born(c.over.query.delta);
    story.dies(c.over.query.o);
    story.host_born(c.host_d_o);
    story.host_born(c.host_delta);
    story.dies(c.over.query.d_o);
    story.dies(c.over.query.delta);
  }

  template <class S>
  void keys_backward(S& story, const Place& at) const {
    const Chunk& c = at.chunk;
    story.born(c.over.kv.k);
    story.host_dies(c.host_k);
    story.born(c.over.kv.v);
    story.host_dies(c.host_v);
    c.over.kv.dk.begin(story);
    c.over.kv.dv.begin(story);
    own_queries_come(story, at);
    const std::int64_t full =
        std::max<std::int64_t>(full_count_ - 1 - at.index, 0);  // full query chunks behind its own
    const Chunk* rest = full_count_ < chunks_ && at.index < full_count_ ? &rest_ : nullptr;
    step(story, c, full > 0 ? &full_ : rest, at.index, true);
    story.repeat(full - 1, 0, [&] { step(story, full_, &full_, at.index, false); });
    if (full > 0) step(story, full_, rest, at.index, false);
    if (rest != nullptr) step(story, *rest, nullptr, at.index, false);
    story.dies(c.over.kv.k);
    story.dies(c.over.kv.v);
    c.dq().finish(story);
    c.over.kv.dk.finish(story);
    c.over.kv.dv.finish(story);
    projections_backward(story, c, at.index == 0);
  }

  /// Those of the key chunk's own place: no later key chunk reads them.
  template <class S>
  void own_queries_come(S& story, const Place& at) const {
    const Chunk& c = at.chunk;
    const auto comes = [&](const Tensor& tensor, const Tensor& waiting) {
      story.born(tensor);
      story.host_dies(waiting);
    };
    comes(c.over.query.q, c.host_q);
    comes(c.over.query.d_o, c.host_d_o);
    comes(c.over.query.lse, c.host_lse);
    comes(c.over.query.delta, c.host_delta);
    story.born(c.dq_sum());
    if (at.index > 0) story.host_dies(c.host_dq);
  }

  /// One kernel: the query chunk `held` against key chunk `key`, while `incoming` comes. In its own place the sum of dq
  /// is complete and stays.
  template <class S>
  void step(S& story, const Chunk& held, const Chunk* incoming, std::int64_t key, bool is_own) const {
    if (incoming != nullptr) {
      const QueryTensors& q = incoming->over.query;
      for (const Tensor* t : {&q.q, &q.d_o, &q.lse, &q.delta, &incoming->dq_sum()}) story.born(*t);
    }
    const QueryTensors& q = held.over.query;
    for (const Tensor* t : {&q.q, &q.d_o, &q.lse, &q.delta}) story.dies(*t);
    if (is_own) return;
    if (key == 0) story.host_born(held.host_dq);
    story.dies(held.dq_sum());
  }

  template <class S>
  void projections_backward(S& story, const Chunk& c, bool first) const {
    c.exchange(story, c.over.query.dq, c.own.query.dq);
    if (c.exchanges) HeadShare::return_keys(story, c.own_ctx, c.over.kv, c.own.kv);
    story.born(c.norm.out);
    story.born(c.norm.statistics);
    const QueryProjection queries = c.queries();
    const KeyValueProjection key_values = c.key_values();
    queries.recompute(story);
    queries.backward(story, c.own.query.dq, first);
    key_values.recompute(story);
    key_values.backward(story, c.own.kv, true, first);
    queries.weights_backward(story, first);
    key_values.weights_backward(story, first);
    story.dies(c.norm.out);
    c.norm.crossing.begin_sum(story, c.norm.d_out, true);
    queries.gradient_dies(story, c.own.query.dq);
    key_values.gradients_die(story, c.own.kv, true);
    c.norm.crossing.finish_sum(story, c.norm.d_out, true);
    c.norm.backward(story, ctx_.weights.attention_norm, first, WaitingGradient(c.own_ctx, c.own_ctx.queries));
  }

  const LayerContext& ctx_;
  std::int64_t tokens_;
  std::int64_t chunks_;
  std::int64_t full_count_;
  Chunk full_;
  Chunk rest_;  ///< the last one, where the chunk does not divide the sequence
};

}  // namespace headroom::sim

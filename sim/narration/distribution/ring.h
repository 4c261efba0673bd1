#pragma once

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Ring Attention (arXiv 2310.01889 section 3): keys and values pass from rank to rank while every rank's queries stay;
/// in backward the sums of their gradients pass with them and come home in the last step.
struct Ring {
  static constexpr SequenceDistribution kValue = SequenceDistribution::ring;

  /// Of the rank's tokens.
  static CoreTensors tensors(const LayerContext& ctx) {
    return {ctx, ctx.kept(Category::attention), ctx.kept(Category::attention)};
  }

  template <class Core>
  static constexpr bool reads_output() {
    return true;
  }

  template <class Core, class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    const Accumulated o{t.query.o_accumulator, t.query.o, ctx.accumulates_apart()};
    const Passing passing(ctx, t.kv);
    story.born(t.query.lse);
    story.born(t.query.row_sum);
    o.begin(story);
    passing.arrive(story);
    story.dies_if(!keeps, t.kv.k);
    story.dies_if(!keeps, t.kv.v);
    story.repeat(ctx.plan.fixed.ranks.ring - 2, 0, [&] {
      passing.arrive(story);
      passing.leave(story);
    });
    passing.leave(story);
    story.dies_if(!keeps, t.query.q);
    o.finish(story);
    story.dies(t.query.row_sum);
    story.dies_if(!keeps, t.query.lse);
  }

  template <class Core, class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const Accumulated dq{t.query.dq_accumulator, t.query.dq, ctx.accumulates_apart()};
    const Passing passing(ctx, t.kv);
    story.born(t.query.delta);
    story.dies(t.query.o);
    dq.begin(story);
    t.kv.dk.begin(story);
    t.kv.dv.begin(story);
    passing.arrive(story);
    story.dies(t.kv.k);
    story.dies(t.kv.v);
    move(story, sum_of(t.kv.dk), passing.dk);
    move(story, sum_of(t.kv.dv), passing.dv);
    story.repeat(ctx.plan.fixed.ranks.ring - 2, 0, [&] {
      passing.arrive(story);
      passing.leave(story);
      move(story, passing.dk, passing.dk);
      move(story, passing.dv, passing.dv);
    });
    passing.leave(story);
    for (const Tensor* read : {&t.query.q, &t.query.d_o, &t.query.lse, &t.query.delta}) story.dies(*read);
    dq.finish(story);
    move(story, passing.dk, sum_of(t.kv.dk));
    move(story, passing.dv, sum_of(t.kv.dv));
    t.kv.dk.finish(story);
    t.kv.dv.finish(story);
  }

 private:
  /// What belongs to other ranks' tokens.
  struct Passing {
    Passing(const LayerContext& ctx, const KeyValueTensors& own)
        : k(kK, ctx.keys.symbol, own.k.shape, ctx.compute, Category::communication),
          v(kV, ctx.keys.symbol, own.v.shape, ctx.compute, Category::communication),
          dk(kDK, ctx.keys.symbol, own.k.shape, DType::fp32, Category::communication),
          dv(kDV, ctx.keys.symbol, own.v.shape, DType::fp32, Category::communication) {}

    Tensor k, v;    ///< received
    Tensor dk, dv;  ///< sums so far

    template <class S>
    void arrive(S& story) const {
      story.born(k);
      story.born(v);
    }
    template <class S>
    void leave(S& story) const {
      story.dies(k);
      story.dies(v);
    }
  };

  static const Tensor& sum_of(const Accumulated& gradient) {
    return gradient.apart ? gradient.accumulator : gradient.output;
  }

  /// One sum goes on and another arrives in its place.
  template <class S>
  static void move(S& story, const Tensor& held, const Tensor& incoming) {
    story.born(incoming);
    story.dies(held);
  }

  static constexpr const char* kSource = "Ring Attention, arXiv 2310.01889 section 3";
  static constexpr Role kK{"incoming k", "b·#·k·d", kSource};
  static constexpr Role kV{"incoming v", "b·#·k·d", kSource};
  static constexpr Role kDK{"passing d k sum", "b·#·k·d", kSource};
  static constexpr Role kDV{"passing d v sum", "b·#·k·d", kSource};
};

}  // namespace headroom::sim

#pragma once

#include "narration/attention/tensors.h"
#include "narration/distribution/head_share.h"

namespace headroom::sim {

/// DeepSpeed-Ulysses (arXiv 2309.14509 section 3): all-to-alls exchange tokens for heads around the attention core.
/// Inner is what the ranks with the same heads do then: WholeSequences, or Ring (USP, arXiv 2405.07719).
template <SequenceDistribution kDistribution, class Inner>
struct HeadExchange {
  static constexpr SequenceDistribution kValue = kDistribution;

  static CoreTensors tensors(const LayerContext& ctx) {
    CoreTensors t(ctx, Category::attention, Category::attention);
    t.query.o.category = ctx.kept(Category::attention);
    return t;
  }

  template <class Core>
  static constexpr bool reads_output() {
    return false;  // the core's backward reads o over heads
  }

  template <class Core, class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    constexpr bool kKeepsOutput = Inner::template reads_output<Core>();
    const OverHeads over(ctx, kKeepsOutput);
    HeadShare::exchange(story, t.query.q, over.t.query.q);
    HeadShare::exchange(story, t.kv.k, over.t.kv.k);
    HeadShare::exchange(story, t.kv.v, over.t.kv.v);
    Inner::template forward<Core>(story, over.core, over.t, keeps);
    story.born(t.query.o);
    story.dies_if(!keeps || !kKeepsOutput, over.t.query.o);
  }

  template <class Core, class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const OverHeads over(ctx, Inner::template reads_output<Core>());
    HeadShare::exchange(story, t.query.d_o, over.t.query.d_o);
    Inner::template backward<Core>(story, over.core, over.t);
    HeadShare::exchange(story, over.t.query.dq, t.query.dq);
    HeadShare::return_keys(story, ctx, over.t.kv, t.kv);
  }

 private:
  /// The core on its share of the heads.
  struct OverHeads {
    OverHeads(const LayerContext& ctx, bool keeps_output) : core(share(ctx)), t(Inner::tensors(core)) {
      if (!keeps_output) t.query.o.category = Category::attention;
    }

    LayerContext core;
    CoreTensors t;
  };

  static LayerContext share(const LayerContext& ctx) {
    const Ranks& ranks = ctx.plan.fixed.ranks;
    return HeadShare::of(ctx, ctx.plan.s * ranks.heads, ranks.ring > 1 ? "s/R" : "s");
  }
};

}  // namespace headroom::sim

#pragma once

#include <algorithm>

#include "narration/attention/tensors.h"

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
    exchange(story, t.query.q, over.t.query.q);
    exchange(story, t.kv.k, over.t.kv.k);
    exchange(story, t.kv.v, over.t.kv.v);
    Inner::template forward<Core>(story, over.core, over.t, keeps);
    story.born(t.query.o);
    story.dies_if(!keeps || !kKeepsOutput, over.t.query.o);
  }

  template <class Core, class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const OverHeads over(ctx, Inner::template reads_output<Core>());
    exchange(story, t.query.d_o, over.t.query.d_o);
    Inner::template backward<Core>(story, over.core, over.t);
    exchange(story, over.t.query.dq, t.query.dq);
    gather_copies(story, ctx, over.t.kv.dk.output, t.kv.dk.output, kDKCopies);
    gather_copies(story, ctx, over.t.kv.dv.output, t.kv.dv.output, kDVCopies);
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

  static LayerContext share(LayerContext ctx) {
    const Ranks& ranks = ctx.plan.fixed.ranks;
    const bool is_one_key_head = ctx.kv_heads < ranks.heads;
    const PartSymbols* symbols =
        ranks.tensor > 1 ? (is_one_key_head ? &kOneOfPart : &kShareOfPart) : (is_one_key_head ? &kOne : &kShare);
    ctx.heads /= ranks.heads;
    ctx.kv_heads = std::max<std::int64_t>(ctx.kv_heads / ranks.heads, 1);
    ctx.queries = ctx.keys = {ctx.plan.s * ranks.heads, {ranks.ring > 1 ? "s/R" : "s", symbols}};
    return ctx;
  }

  template <class S>
  static void exchange(S& story, const Tensor& sent, const Tensor& received) {
    story.born(received);
    story.dies(sent);
  }

  /// Where key heads are fewer than ranks, the copies arrive side by side and are summed.
  template <class S>
  static void gather_copies(S& story, const LayerContext& ctx, const Tensor& sent, const Tensor& received,
                            const Role& role) {
    const std::int64_t ranks = ctx.plan.fixed.ranks.heads;
    if (ctx.kv_heads >= ranks) return exchange(story, sent, received);
    const Tensor copies(role, ctx.keys.symbol, Shape(ctx.b, ctx.keys.tokens, ranks, ctx.kind.head_dim), ctx.compute,
                        Category::communication);
    exchange(story, sent, copies);
    exchange(story, copies, received);
  }

  /// U: the ranks that exchange heads.
  static constexpr PartSymbols kShare{"a/U", "k/U"};
  static constexpr PartSymbols kOne{"a/U", "1"};
  static constexpr PartSymbols kShareOfPart{"a/(t·U)", "k/(t·U)"};
  static constexpr PartSymbols kOneOfPart{"a/(t·U)", "1"};
  static constexpr const char* kSource = "DeepSpeed-Ulysses, arXiv 2309.14509 section 3";
  static constexpr Role kDKCopies{"d k copies", "b·#·U·d", kSource};
  static constexpr Role kDVCopies{"d v copies", "b·#·U·d", kSource};
};

}  // namespace headroom::sim

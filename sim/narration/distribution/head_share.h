#pragma once

#include <algorithm>

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// The exchange of tokens for heads among the ranks that have all heads of their tokens (DeepSpeed-Ulysses, arXiv
/// 2309.14509 section 3).
class HeadShare {
 public:
  /// The attention core of `ctx` on the rank's share of the heads, over `tokens`.
  [[nodiscard]] static LayerContext of(LayerContext ctx, std::int64_t tokens, const char* symbol) {
    const Ranks& ranks = ctx.plan.fixed.ranks;
    if (ranks.heads > 1) {
      ctx.symbols = symbols(ranks, ctx.kv_heads);
      ctx.heads /= ranks.heads;
      ctx.kv_heads = std::max<std::int64_t>(ctx.kv_heads / ranks.heads, 1);
    }
    ctx.queries = ctx.keys = {tokens, {symbol, ctx.symbols}};
    return ctx;
  }

  template <class S>
  static void exchange(S& story, const Tensor& sent, const Tensor& received) {
    story.born(received);
    story.dies(sent);
  }

  /// dk and dv come back to the heads of `ctx`. Where key heads are fewer than ranks, the copies arrive side by side
  /// and are summed.
  template <class S>
  static void return_keys(S& story, const LayerContext& ctx, const KeyValueTensors& over, const KeyValueTensors& own) {
    gather_copies(story, ctx, over.dk.output, own.dk.output, kDKCopies);
    gather_copies(story, ctx, over.dv.output, own.dv.output, kDVCopies);
  }

 private:
  static const PartSymbols* symbols(const Ranks& ranks, std::int64_t kv_heads) {
    if (ranks.tensor > 1) return kv_heads < ranks.heads ? &kOneOfPart : &kShareOfPart;
    return kv_heads < ranks.heads ? &kOne : &kShare;
  }

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

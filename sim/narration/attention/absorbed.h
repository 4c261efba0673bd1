#pragma once

#include "narration/attention/keys_read.h"
#include "narration/attention/latent.h"
#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Latent attention over a cache of latents: queries are taken into the latents' space, where one key head stands for
/// all (DeepSeek-V2, arXiv 2405.04434 section 2.1.2; docs/runtime.md section 13).
class AbsorbedAttention {
 public:
  explicit AbsorbedAttention(const LayerContext& ctx) : ctx_(ctx), core_(core_of(ctx)) {}

  [[nodiscard]] static bool runs(const LayerContext& ctx) { return ctx.plan.caches() && ctx.kind.latent; }

  /// The layer as the core sees it: one key head, and all keys that the cache has.
  [[nodiscard]] const LayerContext& core() const { return core_; }
  [[nodiscard]] KeyValueTensors cached() const {
    KeyValueTensors kv(core_, core_.keys, Category::attention);
    kv.stay = true;
    return kv;
  }

  /// Latents of `rows` go into the cache. `input_read` behind the last product that reads the norm's output.
  template <class S, class InputRead>
  void keys_forward(S& story, Extent rows, InputRead input_read) const {
    LatentKeyValue(ctx_, rows, Category::attention).compress(story, input_read);
  }

  /// From q, which dies, to what W_o reads, over `rows`. attend(query) bears absorbed o and ends absorbed q.
  template <class S, class Attend>
  [[nodiscard]] Tensor forward(S& story, Extent rows, const Tensor& q, Attend attend) const {
    QueryTensors query(core_, rows, Category::attention);
    query.q.role = &kQuery;
    query.o.role = &kOutput;
    query.o_accumulator.role = &kAccumulator;
    story.born(query.q);
    story.dies(q);
    attend(query);
    const Shape shape(ctx_.b, rows.tokens, ctx_.heads, ctx_.kind.latent->value_head_dim);
    const Tensor output(kOfHeads, rows.symbol, shape, ctx_.compute, Category::attention);
    story.born(output);
    story.dies(query.o);
    return output;
  }

 private:
  [[nodiscard]] static LayerContext core_of(const LayerContext& ctx) {
    LayerContext core = KeysRead(ctx).core();
    core.kv_heads = 1;
    if (ctx.kind.latent) core.head_dim = checked_add(ctx.kind.latent->kv_rank, ctx.kind.latent->rope_head_dim);
    return core;
  }

  const LayerContext& ctx_;
  LayerContext core_;

  static constexpr const char* kSource = "DeepSeek-V2, arXiv 2405.04434 section 2.1.2";
  static constexpr Role kQuery{"absorbed q", "b·#·a·(d_c+r)", kSource};
  static constexpr Role kOutput{"absorbed o", "b·#·a·(d_c+r)", kSource};
  static constexpr Role kAccumulator{"absorbed o accumulator", "b·#·a·(d_c+r)", kSource};
  static constexpr Role kOfHeads{"o (attention output)", "b·#·a·e", kSource};
};

}  // namespace headroom::sim

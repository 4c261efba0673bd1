#pragma once

#include <algorithm>
#include <cstdint>

#include "narration/layer/context.h"
#include "narration/tensor.h"

namespace headroom::sim {

/// What a layer keeps of keys and values (docs/runtime.md section 13).
class LayerCache {
 public:
  /// `ctx` of any pass.
  explicit LayerCache(const LayerContext& ctx)
      : all_(ctx.plan.all), rows_(std::min(ctx.kind.window.value_or(all_), all_)) {}

  /// The window is shorter than the sequence: a row is written again a window later.
  [[nodiscard]] bool is_ring() const { return rows_ < all_; }
  /// Of each sequence.
  [[nodiscard]] Extent rows() const { return {rows_, is_ring() ? "w" : "s"}; }

  /// f(tensor) for those of all sequences of the batch.
  template <class F>
  void for_each_tensor(const LayerContext& ctx, F f) const {
    const std::int64_t sequences = ctx.plan.job().batch;
    if (ctx.kind.latent) {
      const LatentAttention& latent = *ctx.kind.latent;
      const Shape shape(sequences, rows_, checked_add(latent.kv_rank, latent.rope_head_dim));
      return f(tensor(ctx, kLatents, shape));
    }
    const Shape shape(sequences, rows_, ctx.kv_heads, ctx.kind.head_dim);
    f(tensor(ctx, kKeys, shape));
    f(tensor(ctx, kValues, shape));
  }

 private:
  [[nodiscard]] Tensor tensor(const LayerContext& ctx, const Role& role, const Shape& shape) const {
    const Symbols symbols{rows().symbol.tokens, ctx.part.symbols};
    return {role, symbols, shape, cache_dtype(ctx.plan.job()), Category::kv_cache};
  }

  std::int64_t all_;
  std::int64_t rows_;

  static constexpr Role kKeys{"cached keys", "B·#·k·d", "Pope et al., arXiv 2211.05102 section 2"};
  static constexpr Role kValues{"cached values", "B·#·k·d", "Pope et al., arXiv 2211.05102 section 2"};
  static constexpr Role kLatents{"cached latents", "B·#·(d_c+r)", "DeepSeek-V2, arXiv 2405.04434 section 2.1"};
};

}  // namespace headroom::sim

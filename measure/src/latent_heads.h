#pragma once

#include <headroom/kernels/heads.h>
#include <headroom/models/transformer.h>

namespace headroom::measure {

/// Where the parts of a layer's heads lie, in rows of heads that the attention core reads and in rows of their own.
class LatentHeads {
 public:
  /// `kind` has latent attention.
  explicit LatentHeads(const LayerKind& kind)
      : heads_(kind.heads),
        d_(kind.head_dim),
        r_(kind.latent->rope_head_dim),
        e_(kind.latent->value_head_dim),
        c_(kind.latent->kv_rank) {}

  /// In queries and keys.
  [[nodiscard]] kernels::HeadStretch nope() const { return {heads_, d_, 0, d_ - r_}; }
  [[nodiscard]] kernels::HeadStretch rope() const { return {heads_, d_, d_ - r_, r_}; }
  [[nodiscard]] kernels::HeadStretch nope_keys() const { return {heads_, d_ - r_, 0, d_ - r_}; }
  [[nodiscard]] kernels::HeadStretch rope_key() const { return {1, r_, 0, r_}; }

  /// In values and outputs that are as wide as keys.
  [[nodiscard]] kernels::HeadStretch value() const { return {heads_, d_, 0, e_}; }
  [[nodiscard]] kernels::HeadStretch behind_value() const { return {heads_, d_, e_, d_ - e_}; }
  [[nodiscard]] kernels::HeadStretch narrow() const { return {heads_, e_, 0, e_}; }

  /// In absorbed queries and outputs, and in the cache's rows, which are one head: a latent and behind it a rope key.
  [[nodiscard]] std::int64_t absorbed_dim() const { return c_ + r_; }
  [[nodiscard]] kernels::HeadStretch absorbed_latent() const { return {heads_, c_ + r_, 0, c_}; }
  [[nodiscard]] kernels::HeadStretch absorbed_rope() const { return {heads_, c_ + r_, c_, r_}; }
  [[nodiscard]] kernels::HeadStretch cached_latent() const { return {1, c_ + r_, 0, c_}; }
  [[nodiscard]] kernels::HeadStretch cached_rope() const { return {1, c_ + r_, c_, r_}; }
  [[nodiscard]] kernels::HeadStretch latent() const { return {1, c_, 0, c_}; }

 private:
  std::int64_t heads_, d_, r_, e_, c_;
};

}  // namespace headroom::measure

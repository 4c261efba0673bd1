#pragma once

#include <cstdint>

namespace headroom::kernels {

/// What rotary embedding turns of a row of heads: of each head the `dim` elements from `first` on, over pairs
/// (i, i + dim/2) of these. Of an odd number the last one stays as it is.
struct Rotary {
  std::int64_t heads = 1;
  std::int64_t head_dim = 1;
  std::int64_t first = 0;  ///< within a head
  std::int64_t dim = 1;    ///< at most head_dim - first

  [[nodiscard]] constexpr std::int64_t pairs() const { return dim / 2; }
};

/// The whole of each head.
[[nodiscard]] constexpr Rotary whole_heads(std::int64_t heads, std::int64_t head_dim) {
  return {heads, head_dim, 0, head_dim};
}

}  // namespace headroom::kernels

#pragma once

#include <cstdint>

namespace headroom::kernels {

/// Of each head of a row of heads the `dim` elements from `first` on.
struct HeadStretch {
  std::int64_t heads = 1;
  std::int64_t head_dim = 1;
  std::int64_t first = 0;  ///< within a head
  std::int64_t dim = 1;    ///< at most head_dim - first
};

}  // namespace headroom::kernels

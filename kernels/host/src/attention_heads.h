#pragma once

#include <cmath>

#include <headroom/kernels/attention.h>

#include "attention_rules.h"
#include "matrix.h"

namespace headroom::kernels::host {

/// Query head `item` of [0, batch * heads) from row `row` on.
[[nodiscard]] inline Matrix query_head(const ConstView& q, std::int64_t item, const Heads& heads, std::int64_t row) {
  return matrix_of(q, item / heads.heads, row, item % heads.heads * heads.head_dim);
}

/// The key or value head that query head `item` reads, from row `row` on.
[[nodiscard]] inline Matrix kv_head(const ConstView& k, std::int64_t item, const Heads& heads, std::int64_t row) {
  const std::int64_t head = item % heads.heads / (heads.heads / heads.kv_heads);
  return matrix_of(k, item / heads.heads, row, head * heads.head_dim);
}

}  // namespace headroom::kernels::host

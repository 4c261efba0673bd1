#pragma once

#include <cmath>

#include <headroom/kernels/attention.h>

#include "check.h"
#include "matrix.h"

namespace headroom::kernels::host {

[[nodiscard]] inline float score_scale(const Heads& heads) { return 1 / std::sqrt(static_cast<float>(heads.head_dim)); }

/// Query head `item` of [0, batch * heads) from row `row` on.
[[nodiscard]] inline Matrix query_head(const ConstView& q, std::int64_t item, const Heads& heads, std::int64_t row) {
  return matrix_of(q, item / heads.heads, row, item % heads.heads * heads.head_dim);
}

/// The key or value head that query head `item` reads, from row `row` on.
[[nodiscard]] inline Matrix kv_head(const ConstView& k, std::int64_t item, const Heads& heads, std::int64_t row) {
  const std::int64_t head = item % heads.heads / (heads.heads / heads.kv_heads);
  return matrix_of(k, item / heads.heads, row, head * heads.head_dim);
}

/// The rule for everything that has the shape of queries and of keys.
inline void check_heads(const ConstView& q, const ConstView& k, const Heads& heads, const char* operation) {
  require(heads.kv_heads > 0 && heads.heads % heads.kv_heads == 0, operation, "kv_heads do not divide heads");
  require(q.width == heads.heads * heads.head_dim, operation, "the rows of queries are not as wide as their heads");
  require(k.width == heads.kv_heads * heads.head_dim, operation, "the rows of keys are not as wide as their heads");
  require(q.batch == k.batch, operation, "queries and keys differ in batch");
}

}  // namespace headroom::kernels::host

#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/kernels/attention.h>

#include "simt/hd.h"

namespace headroom::kernels::cuda {

/// Which keys of a key block the queries of a query block read: every query a number of keys from the first on, and no
/// query fewer than the one before. From that follow the tiles that are visited and those that need a mask.
struct AttentionMask {
  int queries = 0;
  int keys = 0;
  int offset = 0;  ///< where causal, query 0 stands `offset` rows behind key 0
  bool causal = false;

  /// How many keys query `query` reads.
  [[nodiscard]] HEADROOM_HD int limit(int query) const {
    if (!causal) return keys;
    const int end = query + 1 + offset;
    return end < 0 ? 0 : end > keys ? keys : end;
  }
  /// Behind the last key that any of `rows` queries from `query` on reads.
  [[nodiscard]] HEADROOM_HD int key_end(int query, int rows) const {
    const int last = query + rows < queries ? query + rows : queries;
    return limit(last - 1);
  }
  /// The first query that reads key `key`; `queries` where none does.
  [[nodiscard]] HEADROOM_HD int first_query(int key) const {
    if (!causal || key <= offset) return 0;
    return key - offset > queries ? queries : key - offset;
  }
  /// Whether some query from `query` on does not read all of the `columns` keys from `key` on.
  [[nodiscard]] HEADROOM_HD bool is_partial(int query, int key, int columns) const {
    return limit(query) < key + columns;
  }
};

/// An offset beyond all rows means the same as one just beyond them: all integers stay small.
[[nodiscard]] inline AttentionMask mask_of(const AttentionBlock& block, std::int64_t queries, std::int64_t keys) {
  const std::int64_t offset = std::clamp(block.queries.first - block.keys.first, -queries, keys);
  return {static_cast<int>(queries), static_cast<int>(keys), static_cast<int>(offset), block.heads.causal};
}

}  // namespace headroom::kernels::cuda

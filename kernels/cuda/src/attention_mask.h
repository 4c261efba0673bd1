#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/kernels/attention.h>

#include "simt/hd.h"

namespace headroom::kernels::cuda {

/// Which keys of a key block the queries of a query block read: every query keys that follow each other, and the first
/// one and the last one are not in front of those of the query before. From that follow the tiles that are visited and
/// those that need a mask.
struct AttentionMask {
  int queries = 0;
  int keys = 0;
  int offset = 0;  ///< where causal, query 0 stands `offset` rows behind key 0
  bool causal = false;
  int begin_offset = 0;  ///< where there is a window, that of query 0 begins `begin_offset` rows behind key 0
  bool has_window = false;

  /// Behind the last key that query `query` reads.
  [[nodiscard]] HEADROOM_HD int limit(int query) const {
    if (!causal) return keys;
    return within_keys(query + 1 + offset);
  }
  /// The first key that query `query` reads; `limit` where it reads none.
  [[nodiscard]] HEADROOM_HD int begin(int query) const { return has_window ? within_keys(query + begin_offset) : 0; }
  [[nodiscard]] HEADROOM_HD bool reads(int query, int key) const { return key >= begin(query) && key < limit(query); }
  /// Where tiles of `step` keys that any of the queries from `query` on reads begin.
  [[nodiscard]] HEADROOM_HD int key_begin(int query, int step) const { return begin(query) / step * step; }
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
  /// Behind the last query that reads any of the `columns` keys from `key` on, not less than 0.
  [[nodiscard]] HEADROOM_HD int query_end(int key, int columns) const {
    if (!has_window) return queries;
    const int end = (key + columns < keys ? key + columns : keys) - begin_offset;
    return end < 0 ? 0 : end > queries ? queries : end;
  }
  /// Whether some of `rows` queries from `query` on does not read all of the `columns` keys from `key` on.
  [[nodiscard]] HEADROOM_HD bool is_partial(int query, int rows, int key, int columns) const {
    const int last = query + rows < queries ? query + rows : queries;
    return limit(query) < key + columns || begin(last - 1) > key;
  }

 private:
  [[nodiscard]] HEADROOM_HD int within_keys(int key) const { return key < 0 ? 0 : key > keys ? keys : key; }
};

/// An offset beyond all rows means the same as one just beyond them: all integers stay small.
[[nodiscard]] inline AttentionMask mask_of(const AttentionBlock& block, std::int64_t queries, std::int64_t keys) {
  const Heads& heads = block.heads;
  const std::int64_t offset = block.queries.first - block.keys.first;
  const auto small = [&](std::int64_t rows) { return static_cast<int>(std::clamp(rows, -queries, keys)); };
  return {static_cast<int>(queries),        static_cast<int>(keys),          small(offset), heads.causal,
          small(offset + 1 - heads.window), heads.causal && heads.window > 0};
}

}  // namespace headroom::kernels::cuda

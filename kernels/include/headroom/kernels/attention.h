#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/kernels/dropout.h>
#include <headroom/kernels/view.h>

namespace headroom::kernels {

/// How the heads of q and of k, v lie in a row: query head i reads key-value head i / (heads / kv_heads). Scores are
/// scaled by 1 / sqrt(scaled_as), 0: as wide as the heads are; causal: a query reads the keys up to its own position,
/// and of these, where there is a window, the last ones that it spans.
struct Heads {
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 1;
  bool causal = true;
  std::int64_t window = 0;  ///< keys that a query reads at most, 0: all of them; read only where causal
  std::int64_t scaled_as = 0;
};

/// Keys [first, end) of a block.
struct KeyRange {
  std::int64_t first = 0;
  std::int64_t end = 0;

  [[nodiscard]] constexpr std::int64_t count() const { return end - first; }
  [[nodiscard]] constexpr bool has(std::int64_t key) const { return key >= first && key < end; }
};

/// Which of `keys` keys a query reads that stands `position` rows behind the first of them.
[[nodiscard]] constexpr KeyRange keys_read(const Heads& heads, std::int64_t position, std::int64_t keys) {
  if (!heads.causal) return {0, keys};
  const std::int64_t end = std::clamp<std::int64_t>(position + 1, 0, keys);
  if (heads.window == 0) return {0, end};
  return {std::clamp<std::int64_t>(position + 1 - heads.window, 0, end), end};
}

/// Where a block of rows stands in its sequence: causal masks, rotary angles and dropout depend on it.
struct Position {
  std::int64_t first = 0;  ///< the sequence's row that is the block's first
  std::int64_t whole = 0;  ///< rows of the whole sequence; 0: the block is all of it. Only dropout reads it.
};

/// Attention of one block of queries to one block of keys. Dropout of the probabilities counts elements as they lie in
/// [batch * heads, queries.whole, keys.whole].
struct AttentionBlock {
  Heads heads;
  Position queries;
  Position keys;
  Dropout dropout;

  /// Which of the `n` keys from row `key` of the key block on are read by row `query` of the query block, counted from
  /// `key`.
  [[nodiscard]] constexpr KeyRange keys_read(std::int64_t query, std::int64_t key, std::int64_t n) const {
    return kernels::keys_read(heads, queries.first + query - keys.first - key, n);
  }
  /// Whether some of `rows` queries from row `query` on read some of these keys.
  [[nodiscard]] constexpr bool reads(std::int64_t query, std::int64_t rows, std::int64_t key, std::int64_t n) const {
    return keys_read(query, key, n).first < keys_read(query + rows - 1, key, n).end;
  }
};

/// Running statistics of blockwise attention over the key blocks seen so far, all fp32. Without sums only the logsumexp
/// is computed.
struct RunningAttention {
  View row_max;  ///< [b, a, rows]
  View row_sum;  ///< [b, a, rows]
  View sums;     ///< [b, rows, a*d], optional
};

/// What the backward of tiled and blockwise attention reads.
struct AttentionSaved {
  ConstView q;      ///< [b, rows, a*d]
  ConstView k;      ///< [b, keys, k*d]
  ConstView v;      ///< [b, keys, k*d]
  ConstView d_out;  ///< [b, rows, a*d]
  ConstView lse;    ///< [b, a, rows] fp32
  ConstView delta;  ///< [b, a, rows] fp32
};

}  // namespace headroom::kernels

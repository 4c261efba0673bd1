#pragma once

#include <cstdint>

#include <headroom/kernels/attention.h>

#include "attention_heads.h"
#include "matrix.h"

namespace headroom::kernels::host {

/// One call of tiled or blockwise attention: the block, and its scores where they are a tensor of their own.
struct TiledAttention {
  AttentionBlock block;
  std::int64_t query_rows = 0;
  std::int64_t key_rows = 0;
  View tile;
  View d_tile;
  bool add_to_dq = false;
  Write write_kv = Write::set;

  /// Drops the probabilities of query row `query`, keys [key, key + n), and scales the others.
  void drop(float* row, std::int64_t item, std::int64_t query, std::int64_t key, std::int64_t n) const;
};

/// Of a row's `n` scores those that are not read become 0.
void clear_outside(float* row, const KeyRange& read, std::int64_t n);

/// Queries and keys of a tile: at most 128, fewer where wide heads would not fit the workspace.
[[nodiscard]] std::int64_t tile_rows(std::int64_t head_dim);

/// A place for scores: in the explicit tile where there is one, else in `buffer`.
[[nodiscard]] Sums score_sums(const View& tile, float* buffer, std::int64_t item, std::int64_t query, std::int64_t key,
                              std::int64_t columns);

/// Running statistics of one tile of queries of one head; sums.data is null where only the logsumexp is wanted.
struct RunningRows {
  float* max = nullptr;
  float* sum = nullptr;
  Sums sums;
};

/// Takes all keys of the block into the statistics of `rows` queries from `query` on of head `item`.
void add_keys(const TiledAttention& tiled, const RunningRows& running, const ConstView& q, const ConstView& k,
              const ConstView& v, std::int64_t item, std::int64_t query, std::int64_t rows, Scratch memory);

}  // namespace headroom::kernels::host

#pragma once

#include <cstdint>

#include <headroom/kernels/dropout.h>
#include <headroom/kernels/view.h>

namespace headroom::kernels {

/// How the heads of q and of k, v lie in a row: query head i reads key-value head i / (heads / kv_heads). Scores are
/// scaled by 1 / sqrt(head_dim); causal: a query reads the keys up to its own position.
struct Heads {
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 1;
  bool causal = true;
};

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

#pragma once

#include <cmath>

#include <headroom/kernels/attention.h>

#include "check.h"

// What the attentions ask of their operands, on every backend.
namespace headroom::kernels {

/// What scores are multiplied by.
[[nodiscard]] inline float score_scale(const Heads& heads) {
  return 1 / std::sqrt(static_cast<float>(heads.scaled_as == 0 ? heads.head_dim : heads.scaled_as));
}

/// The rule for everything that has the shape of queries and of keys.
inline void check_heads(const ConstView& q, const ConstView& k, const Heads& heads, const char* operation) {
  require_floating(operation, q, k);
  require(heads.window >= 0, operation, "a window is negative");
  require(heads.kv_heads > 0 && heads.heads % heads.kv_heads == 0, operation, "kv_heads do not divide heads");
  require(q.width == heads.heads * heads.head_dim, operation, "the rows of queries are not as wide as their heads");
  require(k.width == heads.kv_heads * heads.head_dim, operation, "the rows of keys are not as wide as their heads");
  require(q.batch == k.batch, operation, "queries and keys differ in batch");
}

inline void check_attention(const ConstView& q, const ConstView& k, const ConstView& v, const Heads& heads,
                            const char* operation) {
  check_heads(q, k, heads, operation);
  require_floating(operation, v);
  if (v) require_same_shape(v, k, operation, "k and v differ in shape");
}

/// Of the operations whose scores are written out.
inline void check_scores(const ConstView& scores, const ConstView& q, const ConstView& k, const Heads& heads,
                         const char* operation) {
  check_heads(q, k, heads, operation);
  require_floating(operation, scores);
  require_shape(scores, q.batch * heads.heads, q.rows, k.rows, operation, "scores are not [b*a, queries, keys]");
}

/// A query that reads no key has no probabilities.
inline void check_query_position(const ConstView& q, const ConstView& k, const Heads& heads, const Position& queries) {
  require(queries.first >= 0, "attention_scores", "the queries stand in front of the first key");
  require(keys_read(heads, queries.first + q.rows - 1, k.rows).count() > 0, "attention_scores",
          "the last key stands in front of a query's window");
}

inline void check_softmax_backward(const ConstView& d_scores, const ConstView& scores) {
  require_floating("softmax_backward", d_scores, scores);
  require_same_shape(d_scores, scores, "softmax_backward", "d_scores and scores differ in shape");
}

inline void check_flash(const ConstView& out, const ConstView& lse, const ConstView& q, const ConstView& k,
                        const ConstView& v, const Heads& heads) {
  check_attention(q, k, v, heads, "flash");
  require_floating("flash", out);
  require_same_shape(out, q, "flash", "out and q differ in shape");
  require_fp32(lse, "flash", "lse is not fp32");
  if (lse) require_shape(lse, q.batch, heads.heads, q.rows, "flash", "lse is not [b, a, rows]");
}

inline void check_delta(const ConstView& delta, const ConstView& d_out, const ConstView& out, const Heads& heads) {
  require_floating("attention_delta", d_out, out);
  require_same_shape(d_out, out, "attention_delta", "d_out and out differ in shape");
  require_fp32(delta, "attention_delta", "delta is not fp32");
  require(out.width == heads.heads * heads.head_dim, "attention_delta", "the rows are not as wide as the heads");
  require_shape(delta, out.batch, heads.heads, out.rows, "attention_delta", "delta is not [b, a, rows]");
}

/// Of flash_backward and blocks_backward.
inline void check_attention_backward(const ConstView& dq, const ConstView& dk, const ConstView& dv,
                                     const AttentionSaved& saved, const Heads& heads) {
  constexpr const char* kName = "attention backward";
  check_attention(saved.q, saved.k, saved.v, heads, kName);
  require_floating(kName, saved.d_out, dk, dv);
  require_same_shape(saved.d_out, saved.q, kName, "d_out and q differ in shape");
  require_same_shape(dq, saved.q, kName, "dq and q differ in shape");
  require_same_shape(dk, saved.k, kName, "dk and k differ in shape");
  require_same_shape(dv, saved.k, kName, "dv and v differ in shape");
  require_fp32(dq, kName, "dq is not fp32");
  for (const ConstView& statistics : {saved.lse, saved.delta}) {
    require_fp32(statistics, kName, "the statistics are not fp32");
    require_shape(statistics, saved.q.batch, heads.heads, saved.q.rows, kName, "statistics are not [b, a, rows]");
  }
}

inline void check_running(const RunningAttention& running, const char* operation) {
  require_fp32(running.row_max, operation, "row_max is not fp32");
  require_fp32(running.row_sum, operation, "row_sum is not fp32");
  require_fp32(running.sums, operation, "the sums are not fp32");
  require_same_shape(running.row_sum, running.row_max, operation, "row_sum and row_max differ in shape");
}

inline void check_tile(const ConstView& tile, const ConstView& q, const ConstView& k, const Heads& heads,
                       const char* operation) {
  if (!tile) return;
  require_fp32(tile, operation, "a tile is not fp32");
  require_shape(tile, q.batch * heads.heads, q.rows, k.rows, operation, "a tile is not [b*a, queries, keys]");
}

inline void check_blocks_add(const RunningAttention& running, const ConstView& tile, const ConstView& q,
                             const ConstView& k, const ConstView& v, const Heads& heads) {
  check_attention(q, k, v, heads, "blocks_add");
  check_running(running, "blocks_add");
  check_tile(tile, q, k, heads, "blocks_add");
  require_shape(running.row_max, q.batch, heads.heads, q.rows, "blocks_add", "row_max is not [b, a, rows]");
  require(static_cast<bool>(v) == static_cast<bool>(running.sums), "blocks_add", "v and sums go together");
  if (v) require_same_shape(running.sums, q, "blocks_add", "sums and q differ in shape");
}

inline void check_blocks_end(const ConstView& out, const RunningAttention& running) {
  check_running(running, "blocks_end");
  require_floating("blocks_end", out);
  require(static_cast<bool>(out) == static_cast<bool>(running.sums), "blocks_end", "out and sums go together");
  if (out) require_same_shape(out, running.sums, "blocks_end", "out and sums differ in shape");
}

inline void check_blocks_backward(const ConstView& dq, const ConstView& dk, const ConstView& dv, const ConstView& tile,
                                  const ConstView& d_tile, const AttentionSaved& saved, const Heads& heads) {
  check_tile(tile, saved.q, saved.k, heads, "blocks_backward");
  check_tile(d_tile, saved.q, saved.k, heads, "blocks_backward");
  require(static_cast<bool>(tile) == static_cast<bool>(d_tile), "blocks_backward", "tile and d_tile go together");
  require_fp32(dk, "blocks_backward", "dk is not fp32");
  require_fp32(dv, "blocks_backward", "dv is not fp32");
  check_attention_backward(dq, dk, dv, saved, heads);
}

}  // namespace headroom::kernels

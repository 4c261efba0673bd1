#pragma once

#include <cmath>

#include <headroom/kernels/attention.h>

#include "check.h"

namespace headroom::kernels {

/// What scores are multiplied by.
[[nodiscard]] inline float score_scale(const Heads& heads) { return 1 / std::sqrt(static_cast<float>(heads.head_dim)); }

/// The rule for everything that has the shape of queries and of keys.
inline void check_heads(const ConstView& q, const ConstView& k, const Heads& heads, const char* operation) {
  require(heads.kv_heads > 0 && heads.heads % heads.kv_heads == 0, operation, "kv_heads do not divide heads");
  require(q.width == heads.heads * heads.head_dim, operation, "the rows of queries are not as wide as their heads");
  require(k.width == heads.kv_heads * heads.head_dim, operation, "the rows of keys are not as wide as their heads");
  require(q.batch == k.batch, operation, "queries and keys differ in batch");
}

/// v is optional.
inline void check_attention(const ConstView& q, const ConstView& k, const ConstView& v, const Heads& heads,
                            const char* operation) {
  check_heads(q, k, heads, operation);
  if (v) require_same_shape(v, k, operation, "k and v differ in shape");
}

inline void check_flash(const ConstView& out, const ConstView& lse, const ConstView& q, const ConstView& k,
                        const ConstView& v, const Heads& heads) {
  constexpr const char* kName = "flash";
  check_attention(q, k, v, heads, kName);
  require_same_shape(out, q, kName, "out and q differ in shape");
  require_fp32(lse, kName, "lse is not fp32");
  if (lse) require_shape(lse, q.batch, heads.heads, q.rows, kName, "lse is not [b, a, rows]");
}

inline void check_delta(const ConstView& delta, const ConstView& d_out, const ConstView& out, const Heads& heads) {
  constexpr const char* kName = "attention_delta";
  require_same_shape(d_out, out, kName, "d_out and out differ in shape");
  require_fp32(delta, kName, "delta is not fp32");
  require(out.width == heads.heads * heads.head_dim, kName, "the rows are not as wide as the heads");
  require_shape(delta, out.batch, heads.heads, out.rows, kName, "delta is not [b, a, rows]");
}

inline void check_attention_backward(const ConstView& dq, const ConstView& dk, const ConstView& dv,
                                     const AttentionSaved& saved, const Heads& heads) {
  constexpr const char* kName = "attention backward";
  check_attention(saved.q, saved.k, saved.v, heads, kName);
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

}  // namespace headroom::kernels

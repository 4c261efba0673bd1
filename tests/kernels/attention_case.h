#pragma once

#include <cmath>

#include "compare.h"

namespace headroom::test {

using kernels::AttentionBlock;
using kernels::AttentionSaved;
using kernels::Dropout;
using kernels::Heads;
using kernels::Position;
using kernels::RunningAttention;

/// The sizes of one self-attention.
struct AttentionSizes {
  std::int64_t batch;
  std::int64_t seq;
  Heads heads;
  Dropout dropout;

  [[nodiscard]] Shape queries() const { return {batch, seq, heads.heads * heads.head_dim}; }
  [[nodiscard]] Shape keys() const { return {batch, seq, heads.kv_heads * heads.head_dim}; }
  [[nodiscard]] Shape scores() const { return {batch * heads.heads, seq, seq}; }
  [[nodiscard]] Shape statistics() const { return {batch, heads.heads, seq}; }
  /// The block that starts at these rows.
  [[nodiscard]] AttentionBlock block(std::int64_t query = 0, std::int64_t key = 0) const {
    return {heads, {query, seq}, {key, seq}, dropout};
  }
};

/// q, k, v and the gradient of the output, random.
struct AttentionCase {
  AttentionSizes sizes;
  Type type;
  Operand q;
  Operand k;
  Operand v;
  Operand d_out;

  AttentionCase(const AttentionSizes& s, Type t, Place place = Place::whole)
      : sizes(s),
        type(t),
        q(random_operand(t, s.queries(), 1, place, 2)),
        k(random_operand(t, s.keys(), 2, place, 2)),
        v(random_operand(t, s.keys(), 3, place, 2)),
        d_out(random_operand(t, s.queries(), 4, place)) {}
};

/// Attention in double precision, element by element.
struct ReferenceAttention {
  Values scores;   ///< [b*a, s, s], behind softmax
  Values dropped;  ///< the same behind dropout
  Values out;
  Values lse;
};

[[nodiscard]] ReferenceAttention attention(const AttentionSizes& sizes, const Values& q, const Values& k,
                                           const Values& v);

/// Its gradients by central differences.
struct ReferenceGradients {
  Values dq;
  Values dk;
  Values dv;
};

[[nodiscard]] ReferenceGradients attention_gradients(const AttentionCase& c);

}  // namespace headroom::test

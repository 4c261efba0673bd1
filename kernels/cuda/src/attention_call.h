#pragma once

#include <cstdint>

#include <headroom/kernels/attention.h>

#include "attention_mask.h"
#include "attention_rules.h"
#include "simt/element.h"

namespace headroom::kernels::cuda {

inline constexpr float kLog2E = 1.44269504088896341F;

/// Dropout of the probabilities of one block, which count as they lie in [batch * heads, whole queries, whole keys].
struct ProbabilityDropout {
  std::uint64_t seed = 0;
  std::uint32_t threshold = 0;  ///< 0: no dropout
  float scale = 1;
  std::int64_t whole_queries = 0;
  std::int64_t whole_keys = 0;
  std::int64_t first_query = 0;
  std::int64_t first_key = 0;

  [[nodiscard]] HEADROOM_HD explicit operator bool() const { return threshold != 0; }
  /// The number of the probability of the block's row `query` and column `key`.
  [[nodiscard]] HEADROOM_HD std::int64_t index(std::int64_t item, int query, int key) const {
    return (item * whole_queries + first_query + query) * whole_keys + first_key + key;
  }
  [[nodiscard]] HEADROOM_HD bool keeps(std::int64_t index) const {
    return random_bits(seed, static_cast<std::uint64_t>(index)) >= threshold;
  }
};

/// How the operands of one call fit together, ready for a kernel.
struct AttentionGeometry {
  AttentionMask mask;
  ProbabilityDropout dropout;
  int batch = 0;
  int heads = 1;
  int kv_heads = 1;
  int head_dim = 1;
  float scale = 1;  ///< of the scores

  [[nodiscard]] HEADROOM_HD int group() const { return heads / kv_heads; }
};

[[nodiscard]] inline AttentionGeometry geometry_of(const AttentionBlock& block, const ConstView& q,
                                                   const ConstView& k) {
  constexpr std::int64_t kMostRows = std::int64_t{1} << 30;
  require(q.rows <= kMostRows && k.rows <= kMostRows, "attention", "more than 2^30 rows");
  const Heads& heads = block.heads;
  const Dropout& dropout = block.dropout;
  return {mask_of(block, q.rows, k.rows),
          {dropout.seed, dropout.threshold(), dropout.scale(), block.queries.whole == 0 ? q.rows : block.queries.whole,
           block.keys.whole == 0 ? k.rows : block.keys.whole, block.queries.first, block.keys.first},
          static_cast<int>(q.batch),
          static_cast<int>(heads.heads),
          static_cast<int>(heads.kv_heads),
          static_cast<int>(heads.head_dim),
          score_scale(heads)};
}

/// The forward: from nothing into out and lse, or from the running statistics on into them.
struct ForwardCall {
  AttentionGeometry geometry;
  ConstView q;
  ConstView k;
  ConstView v;               ///< optional: without it only statistics
  View out;                  ///< optional
  View lse;                  ///< optional
  RunningAttention running;  ///< optional; not with out and lse
};

/// The backward: dq +=, dk and dv = or += by `write`.
struct BackwardCall {
  AttentionGeometry geometry;
  AttentionSaved saved;
  View dq;
  View dk;
  View dv;
  Write write = Write::set;
};

/// Where a block of threads works: `part` of the tiles of head `head` of batch entry `entry`.
struct AttentionPlace {
  int part = 0;
  int head = 0;
  int entry = 0;

  [[nodiscard]] HEADROOM_HD static AttentionPlace of(std::int64_t block, int parts, int heads) {
    const auto index = static_cast<unsigned>(block);
    const unsigned item = index / static_cast<unsigned>(parts);
    return {static_cast<int>(index % static_cast<unsigned>(parts)),
            static_cast<int>(item % static_cast<unsigned>(heads)),
            static_cast<int>(item / static_cast<unsigned>(heads))};
  }
};

/// Where row `row` of a head begins, in elements.
template <class Void>
[[nodiscard]] HEADROOM_HD std::int64_t head_begin(const BasicView<Void>& v, std::int64_t entry, int head, int head_dim,
                                                  std::int64_t row) {
  return simt::row_begin(v, entry, row) + std::int64_t{head} * head_dim;
}

}  // namespace headroom::kernels::cuda

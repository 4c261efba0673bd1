#pragma once

#include "run.h"

namespace headroom::measure {

/// Which of a layer's query heads some of them are.
struct HeadPlace {
  std::int64_t first = 0;
  std::int64_t all = 1;
};

/// What an attention core works on: some heads, some queries of the sequence, and the keys that these may read.
struct CoreSite {
  const Run& run;
  kernels::Heads heads;
  HeadPlace place;
  Rows queries;              ///< of the sequence
  Rows keys;                 ///< of the sequence
  kernels::Dropout dropout;  ///< of the scores of all of the layer's heads
  bool keeps_output = true;  ///< whether a pass that keeps leaves the core's o

  [[nodiscard]] std::int64_t query_width() const { return heads.heads * heads.head_dim; }
  [[nodiscard]] std::int64_t kv_width() const { return heads.kv_heads * heads.head_dim; }
  [[nodiscard]] Rows all_queries() const { return {0, queries.count}; }
  [[nodiscard]] Rows all_keys() const { return {0, keys.count}; }
  /// Some rows of the queries, or of the keys, as they stand in the sequence.
  [[nodiscard]] kernels::Position query_position(const Rows& rows) const {
    return {queries.first + rows.first, run.whole_seq()};
  }
  [[nodiscard]] kernels::Position key_position(const Rows& rows) const {
    return {keys.first + rows.first, run.whole_seq()};
  }
  /// Where the queries stand in the sequence that the keys are.
  [[nodiscard]] kernels::Position position_among_keys() const { return {queries.first - keys.first, keys.count}; }
  /// Rows of the queries by rows of the keys.
  [[nodiscard]] kernels::AttentionBlock block(const Rows& of_queries, const Rows& of_keys) const {
    return {heads, query_position(of_queries), key_position(of_keys), dropout};
  }
};

}  // namespace headroom::measure

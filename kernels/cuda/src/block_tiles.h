#pragma once

#include <cstdint>

#include <headroom/kernels/attention.h>

#include "simt/launch.h"
#include "simt/pack.h"

namespace headroom::kernels::cuda {

/// A tile of scores [b*a, queries, keys] in fp32 that becomes probabilities, or their gradient, in its own place; in
/// bf16 at the front of each row where the other factor of the products to come is bf16.
struct ScoreTile {
  View tile;
  bool narrow = false;
  bool aligned = false;

  ScoreTile(const View& t, bool narrow_result) : tile(t), narrow(narrow_result), aligned(simt::have_aligned_rows(t)) {}

  /// What it has become. Behind each row of a narrow one lies another that nobody reads.
  [[nodiscard]] View result() const {
    if (!narrow) return tile;
    return {tile.data, Type::bf16, tile.batch, tile.rows, 2 * tile.width, 2 * tile.batch_stride};
  }

  [[nodiscard]] HEADROOM_HD simt::Pack load(std::int64_t row, std::int64_t column) const {
    return simt::load(Type::fp32, tile.data, simt::pack_at(simt::row_begin(tile, row), column, tile.width, aligned));
  }
  HEADROOM_HD void store(std::int64_t row, std::int64_t column, const simt::Pack& p) const {
    const std::int64_t begin = simt::row_begin(tile, row) * (narrow ? 2 : 1);
    simt::store(narrow ? Type::bf16 : Type::fp32, tile.data, simt::pack_at(begin, column, tile.width, aligned), p);
  }
};

/// Which scores of a tile count: masks and dropout.
struct TileRules {
  AttentionBlock block;
  std::int64_t query_rows = 0;
  std::int64_t key_rows = 0;

  /// Keys that query row `query` reads.
  [[nodiscard]] HEADROOM_HD KeyRange keys_read(std::int64_t query) const { return block.keys_read(query, 0, key_rows); }
  /// Whether no query reads any key.
  [[nodiscard]] bool all_masked() const { return !block.reads(0, query_rows, 0, key_rows); }

  /// Of the element that lies in row `query` and column `key` of the scores of head `item`.
  [[nodiscard]] HEADROOM_HD float dropout_factor(std::int64_t item, std::int64_t query, std::int64_t key) const {
    if (!block.dropout) return 1;
    const std::int64_t whole_queries = block.queries.whole == 0 ? query_rows : block.queries.whole;
    const std::int64_t whole_keys = block.keys.whole == 0 ? key_rows : block.keys.whole;
    const std::int64_t row = item * whole_queries + block.queries.first + query;
    return keeps(block.dropout, row * whole_keys + block.keys.first + key) ? block.dropout.scale() : 0;
  }
};

/// body(column) for this thread's packs of a row, as many steps for each thread; `columns` or more: none.
template <class Body>
HEADROOM_DEVICE void for_each_step(simt::Thread& thread, std::int64_t columns, const Body& body) {
  const std::int64_t step = simt::pack_step(thread);
  for (std::int64_t begin = 0; begin < columns; begin += step) body(begin + simt::first_pack(thread));
}

}  // namespace headroom::kernels::cuda

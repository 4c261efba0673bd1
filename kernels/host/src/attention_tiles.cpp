#include "attention_tiles.h"

#include <algorithm>

#include <headroom/kernels/host/host.h>

#include "loops.h"
#include "storage.h"

namespace headroom::kernels::host {

namespace {

constexpr std::int64_t kMostTileRows = 128;

/// Scores become exp(score - maximum so far) in place; what was summed before is scaled to the new maximum.
void update_row(float* scores, std::int64_t count, const RunningRows& running, std::int64_t i, std::int64_t head_dim) {
  Floats row(scores, count);
  const float max = std::max(running.max[i], row.maxCoeff());
  const float factor = std::exp(running.max[i] - max);
  row = (row - max).exp();
  running.sum[i] = running.sum[i] * factor + row.sum();
  running.max[i] = max;
  if (running.sums.data != nullptr && factor != 1) Floats(running.sums.row(i), head_dim) *= factor;
}

/// Row i of scores, that of query row `query` against `n` keys from `key` on, is taken into the statistics.
void take_row(const TiledAttention& tiled, const Sums& scores, const RunningRows& running, std::int64_t item,
              std::int64_t query, std::int64_t i, std::int64_t key, std::int64_t n) {
  const KeyRange read = tiled.block.keys_read(query, key, n);
  float* row = scores.row(i);
  if (read.count() > 0) update_row(row + read.first, read.count(), running, i, tiled.block.heads.head_dim);
  clear_outside(row, read, n);
  if (tiled.block.dropout) tiled.drop(row + read.first, item, query, key + read.first, read.count());
}

}  // namespace

void clear_outside(float* row, const KeyRange& read, std::int64_t n) {
  std::fill_n(row, read.first, 0.0F);
  std::fill_n(row + read.end, n - read.end, 0.0F);
}

void TiledAttention::drop(float* row, std::int64_t item, std::int64_t query, std::int64_t key, std::int64_t n) const {
  const std::int64_t whole_queries = block.queries.whole == 0 ? query_rows : block.queries.whole;
  const std::int64_t whole_keys = block.keys.whole == 0 ? key_rows : block.keys.whole;
  const std::int64_t index = (item * whole_queries + block.queries.first + query) * whole_keys + block.keys.first + key;
  const float scale = block.dropout.scale();
  for (std::int64_t j = 0; j < n; ++j) row[j] = keeps(block.dropout, index + j) ? row[j] * scale : 0;
}

std::int64_t tile_rows(std::int64_t head_dim) {
  constexpr auto kFloats = static_cast<std::int64_t>(kHostWorkspacePerThread / sizeof(float));
  std::int64_t rows = kMostTileRows;
  while (rows > 1 && rows * (6 * head_dim + 2 * rows) > kFloats - 1024) rows /= 2;
  return rows;
}

Sums score_sums(const View& tile, float* buffer, std::int64_t item, std::int64_t query, std::int64_t key,
                std::int64_t columns) {
  if (!tile) return {buffer, columns};
  return {&fp32(tile, row_begin(tile, item * tile.rows + query) + key), tile.width};
}

void add_keys(const TiledAttention& tiled, const RunningRows& running, const ConstView& q, const ConstView& k,
              const ConstView& v, std::int64_t item, std::int64_t query, std::int64_t rows, Scratch memory) {
  const Heads& heads = tiled.block.heads;
  const std::int64_t d = heads.head_dim, step = tile_rows(d);
  float* buffer = memory.take(step * step);
  float* kv_buffer = memory.take(std::max(widened_size(k.type, step, d), widened_size(v.type, step, d)));
  const Matrix queries =
      widened(query_head(q, item, heads, query), rows, d, memory.take(widened_size(q.type, rows, d)));
  for_each_step(0, k.rows, step, [&](std::int64_t key, std::int64_t n) {
    if (!tiled.block.reads(query, rows, key, n)) return;
    const Sums scores = score_sums(tiled.tile, buffer, item, query, key, n);
    clear(scores, rows, n);
    add_product(scores, queries, widened(kv_head(k, item, heads, key), n, d, kv_buffer).transposed(), rows, n, d,
                score_scale(heads));
    for (std::int64_t i = 0; i < rows; ++i) take_row(tiled, scores, running, item, query + i, i, key, n);
    if (running.sums.data == nullptr) return;
    add_product(running.sums, scores.matrix(), widened(kv_head(v, item, heads, key), n, d, kv_buffer), rows, d, n, 1);
  });
}

}  // namespace headroom::kernels::host

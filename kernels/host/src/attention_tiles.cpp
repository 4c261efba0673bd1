#include "attention_tiles.h"

#include <algorithm>

#include <headroom/kernels/host/host.h>

#include "loops.h"
#include "storage.h"

namespace headroom::kernels::host {

namespace {

constexpr std::int64_t kMostTileRows = 128;

/// Scores become exp(score - maximum so far) in place; what was summed before is scaled to the new maximum.
void update_row(float* scores, std::int64_t allowed, const RunningRows& running, std::int64_t i,
                std::int64_t head_dim) {
  Floats row(scores, allowed);
  const float max = std::max(running.max[i], row.maxCoeff());
  const float factor = std::exp(running.max[i] - max);
  row = (row - max).exp();
  running.sum[i] = running.sum[i] * factor + row.sum();
  running.max[i] = max;
  if (running.sums.data != nullptr && factor != 1) Floats(running.sums.row(i), head_dim) *= factor;
}

}  // namespace

std::int64_t TiledAttention::allowed(std::int64_t query, std::int64_t key, std::int64_t n) const {
  if (!block.heads.causal) return n;
  return std::clamp<std::int64_t>(block.queries.first + query + 1 - block.keys.first - key, 0, n);
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
    if (tiled.masked(query, rows, key)) return;
    const Sums scores = score_sums(tiled.tile, buffer, item, query, key, n);
    clear(scores, rows, n);
    add_product(scores, queries, widened(kv_head(k, item, heads, key), n, d, kv_buffer).transposed(), rows, n, d,
                score_scale(heads));
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::int64_t allowed = tiled.allowed(query + i, key, n);
      if (allowed > 0) update_row(scores.row(i), allowed, running, i, d);
      std::fill_n(scores.row(i) + allowed, n - allowed, 0.0F);
      if (tiled.block.dropout) tiled.drop(scores.row(i), item, query + i, key, allowed);
    }
    if (running.sums.data == nullptr) return;
    add_product(running.sums, scores.matrix(), widened(kv_head(v, item, heads, key), n, d, kv_buffer), rows, d, n, 1);
  });
}

}  // namespace headroom::kernels::host

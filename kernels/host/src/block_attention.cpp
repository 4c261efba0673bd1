#include <limits>

#include "attention_rules.h"
#include "attention_tiles.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// The statistics of query head `item` from row `query` on, where they lie.
RunningRows rows_of_head(const RunningAttention& running, std::int64_t item, const Heads& heads, std::int64_t query) {
  RunningRows rows{&fp32(running.row_max, row_begin(running.row_max, item) + query),
                   &fp32(running.row_sum, row_begin(running.row_sum, item) + query),
                   {}};
  if (!running.sums) return rows;
  const std::int64_t begin = row_begin(running.sums, item / heads.heads * running.sums.rows + query);
  rows.sums = {&fp32(running.sums, begin + item % heads.heads * heads.head_dim), running.sums.width};
  return rows;
}

}  // namespace

void HostBackend::blocks_begin(const RunningAttention& running) {
  check_running(running, "blocks_begin");
  for_each_segment(running.row_max, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    std::fill_n(&fp32(running.row_max, row_begin(running.row_max, row) + column), n,
                -std::numeric_limits<float>::infinity());
  });
  zero(running.row_sum);
  if (running.sums) zero(running.sums);
}

void HostBackend::blocks_add(const RunningAttention& running, View tile, ConstView q, ConstView k, ConstView v,
                             const AttentionBlock& block) {
  const Heads& heads = block.heads;
  check_blocks_add(running, tile, q, k, v, heads);
  const TiledAttention tiled{block, q.rows, k.rows, tile, {}, false, Write::set};
  const std::int64_t step = tile_rows(heads.head_dim), blocks = parts_of(q.rows, step);
  pool_.run(q.batch * heads.heads * blocks, [&](std::int64_t part, int thread) {
    const std::int64_t item = part / blocks, query = part % blocks * step;
    add_keys(tiled, rows_of_head(running, item, heads, query), q, k, v, item, query, std::min(step, q.rows - query),
             scratch(thread));
  });
}

void HostBackend::blocks_end(View out, const RunningAttention& running) {
  check_blocks_end(out, running);
  const View& max = running.row_max;
  const View& sum = running.row_sum;
  if (out) {
    const std::int64_t d = out.width / max.rows;
    for_each_row(out, [&](std::int64_t row) {
      Segment a, values;
      for_each_step(0, out.width, d, [&](std::int64_t begin, std::int64_t) {
        const float total = fp32(sum, row_begin(sum, row / out.rows * sum.rows + begin / d) + row % out.rows);
        for_each_step(begin, begin + d, kSegment, [&](std::int64_t column, std::int64_t n) {
          Floats(values.data(), n) = read_row(running.sums, row, column, n, a) * (total > 0 ? 1 / total : 0);
          write_row(out, row, column, {values.data(), n});
        });
      });
    });
  }
  for_each_segment(max, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Floats lse(&fp32(max, row_begin(max, row) + column), n);
    lse += ConstFloats(&fp32(sum, row_begin(sum, row) + column), n).log();
  });
}

void HostBackend::blocks_backward(View dq, View dk, View dv, View tile, View d_tile, const AttentionSaved& saved,
                                  const AttentionBlock& block) {
  check_blocks_backward(dq, dk, dv, tile, d_tile, saved, block.heads);
  attention_backward(dq, dk, dv, saved, {block, saved.q.rows, saved.k.rows, tile, d_tile, true, Write::add});
}

}  // namespace headroom::kernels::host

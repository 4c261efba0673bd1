#include <limits>

#include "attention_tiles.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// out = sums / row sum; a row without keys is 0.
void write_heads(const View& out, const RunningRows& running, std::int64_t item, const Heads& heads, std::int64_t query,
                 std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i) {
    Floats(running.sums.row(i), heads.head_dim) *= running.sum[i] > 0 ? 1 / running.sum[i] : 0;
    const std::int64_t begin = row_begin(out, item / heads.heads * out.rows + query + i);
    write(out.type, out.data, begin + item % heads.heads * heads.head_dim, heads.head_dim, running.sums.row(i),
          Write::set);
  }
}

void write_statistics(const View& lse, const RunningRows& running, std::int64_t item, std::int64_t query,
                      std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i) {
    fp32(lse, row_begin(lse, item) + query + i) = running.max[i] + std::log(running.sum[i]);
  }
}

}  // namespace

void HostBackend::flash(View out, View lse, ConstView q, ConstView k, ConstView v, const AttentionBlock& block) {
  const Heads& heads = block.heads;
  check_flash(out, lse, q, k, v, heads);
  const TiledAttention tiled{block, q.rows, k.rows, {}, {}, false, Write::set};
  const std::int64_t step = tile_rows(heads.head_dim), blocks = parts_of(q.rows, step);
  pool_.run(q.batch * heads.heads * blocks, [&](std::int64_t part, int thread) {
    const std::int64_t item = part / blocks, query = part % blocks * step, rows = std::min(step, q.rows - query);
    Scratch memory = scratch(thread);
    const RunningRows running{
        memory.take(step), memory.take(step), {memory.take(step * heads.head_dim), heads.head_dim}};
    std::fill_n(running.max, rows, -std::numeric_limits<float>::infinity());
    std::fill_n(running.sum, rows, 0.0F);
    clear(running.sums, rows, heads.head_dim);
    add_keys(tiled, running, q, k, v, item, query, rows, memory);
    write_heads(out, running, item, heads, query, rows);
    if (lse) write_statistics(lse, running, item, query, rows);
  });
}

void HostBackend::attention_delta(View delta, ConstView d_out, ConstView out, const Heads& heads) {
  check_delta(delta, d_out, out, heads);
  for_each_row(out, [&](std::int64_t row) {
    Segment a, b;
    for (std::int64_t head = 0; head < heads.heads; ++head) {
      float sum = 0;
      for_each_step(head * heads.head_dim, (head + 1) * heads.head_dim, kSegment,
                    [&](std::int64_t column, std::int64_t n) {
                      sum += (read_row(d_out, row, column, n, a) * read_row(out, row, column, n, b)).sum();
                    });
      fp32(delta, row_begin(delta, row / out.rows * heads.heads + head) + row % out.rows) = sum;
    }
  });
}

void HostBackend::flash_backward(View dq, View dk, View dv, Write write_kv, const AttentionSaved& saved,
                                 const AttentionBlock& block) {
  attention_backward(dq, dk, dv, saved, {block, saved.q.rows, saved.k.rows, {}, {}, false, write_kv});
}

}  // namespace headroom::kernels::host

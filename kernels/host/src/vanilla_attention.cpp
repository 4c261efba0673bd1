#include <limits>

#include "attention_heads.h"
#include "attention_rules.h"
#include "attention_tiles.h"
#include "loops.h"
#include "multiply.h"

namespace headroom::kernels::host {

namespace {

/// Those of a row's `columns` scores that are read become probabilities, the others 0.
void softmax_row(float* row, const KeyRange& read, std::int64_t columns) {
  Floats scores(row + read.first, read.count());
  const float max = scores.maxCoeff();
  scores = (scores - max).exp();
  scores *= 1 / scores.sum();
  clear_outside(row, read, columns);
}

/// Rows of scores computed at once: as many as fit the scratch memory in fp32.
std::int64_t rows_at_once(const Scratch& memory, std::int64_t keys) {
  const std::int64_t rows = std::min(kTileRows, (memory.left() - 16) / keys);
  require(rows > 0, "attention_scores", "a row of scores does not fit the workspace");
  return rows;
}

}  // namespace

void HostBackend::attention_scores(View scores, ConstView q, ConstView k, const Heads& heads, Position queries) {
  check_scores(scores, q, k, heads, "attention_scores");
  check_query_position(q, k, heads, queries);
  const auto read_by = [&](std::int64_t row) { return keys_read(heads, queries.first + row, k.rows); };
  const std::int64_t blocks = parts_of(q.rows, kTileRows);
  pool_.run(scores.batch * blocks, [&](std::int64_t part, int thread) {
    const std::int64_t item = part / blocks, begin = part % blocks * kTileRows;
    Scratch memory = scratch(thread);
    const TileProduct product(q.type, k.type, memory);
    const std::int64_t at_once = rows_at_once(memory, k.rows);
    const Sums sums{memory.take(at_once * k.rows), k.rows};
    for_each_step(begin, std::min(q.rows, begin + kTileRows), at_once, [&](std::int64_t row, std::int64_t rows) {
      const KeyRange read{read_by(row).first, read_by(row + rows - 1).end};
      const Matrix keys = kv_head(k, item, heads, 0).transposed();
      clear(sums.from(0, read.first), rows, read.count());
      for_each_step(read.first, read.end, kTileColumns, [&](std::int64_t j, std::int64_t n) {
        product.add(sums.from(0, j), query_head(q, item, heads, row), keys.from(0, j), rows, n, heads.head_dim,
                    score_scale(heads));
      });
      for (std::int64_t i = 0; i < rows; ++i) {
        softmax_row(sums.row(i), read_by(row + i), k.rows);
        write(scores.type, scores.data, row_begin(scores, item * q.rows + row + i), k.rows, sums.row(i), Write::set);
      }
    });
  });
}

void HostBackend::attention_values(View out, ConstView scores, ConstView v, const Heads& heads) {
  check_scores(scores, out, v, heads, "attention_values");
  multiply(
      {scores.batch, 1, out.rows, heads.head_dim, v.rows, 1, Write::set, {}},
      [&](std::int64_t item) { return out_of(out, item / heads.heads, item % heads.heads * heads.head_dim); },
      [&](std::int64_t item, std::int64_t) {
        return Factors{matrix_of(scores, item, 0, 0), kv_head(v, item, heads, 0)};
      });
}

void HostBackend::attention_values_backward_v(View dv, ConstView scores, ConstView d_out, const Heads& heads) {
  check_scores(scores, d_out, dv, heads, "attention_values_backward_v");
  const std::int64_t group = heads.heads / heads.kv_heads;
  multiply(
      {dv.batch * heads.kv_heads, group, dv.rows, heads.head_dim, d_out.rows, 1, Write::set, {}},
      [&](std::int64_t kv) { return out_of(dv, kv / heads.kv_heads, kv % heads.kv_heads * heads.head_dim); },
      [&](std::int64_t kv, std::int64_t member) {
        const std::int64_t item = kv * group + member;
        return Factors{matrix_of(scores, item, 0, 0).transposed(), query_head(d_out, item, heads, 0)};
      });
}

void HostBackend::attention_values_backward_scores(View d_scores, ConstView d_out, ConstView v, const Heads& heads) {
  check_scores(d_scores, d_out, v, heads, "attention_values_backward_scores");
  multiply(
      {d_scores.batch, 1, d_out.rows, v.rows, heads.head_dim, 1, Write::set, {}},
      [&](std::int64_t item) { return out_of(d_scores, item, 0); },
      [&](std::int64_t item, std::int64_t) {
        return Factors{query_head(d_out, item, heads, 0), kv_head(v, item, heads, 0).transposed()};
      });
}

void HostBackend::softmax_backward(View d_scores, ConstView scores) {
  check_softmax_backward(d_scores, scores);
  for_each_row(scores, [&](std::int64_t row) {
    Segment a, b, values;
    double dot = 0;
    for_each_step(0, scores.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      dot += static_cast<double>((read_row(d_scores, row, column, n, a) * read_row(scores, row, column, n, b)).sum());
    });
    for_each_step(0, scores.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      Floats(values.data(), n) =
          (read_row(d_scores, row, column, n, a) - static_cast<float>(dot)) * read_row(scores, row, column, n, b);
      write_row(d_scores, row, column, {values.data(), n});
    });
  });
}

void HostBackend::attention_scores_backward_q(View dq, ConstView d_scores, ConstView k, const Heads& heads) {
  check_scores(d_scores, dq, k, heads, "attention_scores_backward_q");
  multiply(
      {d_scores.batch, 1, dq.rows, heads.head_dim, k.rows, score_scale(heads), Write::set, {}},
      [&](std::int64_t item) { return out_of(dq, item / heads.heads, item % heads.heads * heads.head_dim); },
      [&](std::int64_t item, std::int64_t) {
        return Factors{matrix_of(d_scores, item, 0, 0), kv_head(k, item, heads, 0)};
      });
}

void HostBackend::attention_scores_backward_k(View dk, ConstView d_scores, ConstView q, const Heads& heads) {
  check_scores(d_scores, q, dk, heads, "attention_scores_backward_k");
  const std::int64_t group = heads.heads / heads.kv_heads;
  multiply(
      {dk.batch * heads.kv_heads, group, dk.rows, heads.head_dim, q.rows, score_scale(heads), Write::set, {}},
      [&](std::int64_t kv) { return out_of(dk, kv / heads.kv_heads, kv % heads.kv_heads * heads.head_dim); },
      [&](std::int64_t kv, std::int64_t member) {
        const std::int64_t item = kv * group + member;
        return Factors{matrix_of(d_scores, item, 0, 0).transposed(), query_head(q, item, heads, 0)};
      });
}

}  // namespace headroom::kernels::host

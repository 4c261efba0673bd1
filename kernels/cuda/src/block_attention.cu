#include "block_attention.h"

#include <cmath>
#include <cstdint>

#include "attention_products.h"
#include "attention_rules.h"
#include "block_tiles.h"
#include "cuda_backend.h"
#include "simt/linear.h"
#include "softmax_row.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

struct Fill {
  View x;
  float value = 0;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    Pack p;
    HEADROOM_UNROLL
    for (float& element : p.v) element = value;
    simt::store(x.type, x.data, simt::pack_of(x, entry, i, length, false), p);
  }
};

/// The row maximum becomes the logsumexp.
struct LogSumExp {
  View row_max;
  ConstView row_sum;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const simt::PackAt at = simt::pack_of(row_max, entry, i, length, false);
    Pack max = simt::load(Type::fp32, row_max.data, at);
    const Pack sum = simt::load(Type::fp32, row_sum.data, simt::pack_of(row_sum, entry, i, length, false));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) max.v[j] += std::log(sum.v[j]);
    simt::store(Type::fp32, row_max.data, at, max);
  }
};

/// One element of statistics [b, a, rows].
[[nodiscard]] HEADROOM_HD inline float& statistic(const View& v, std::int64_t item, std::int64_t row) {
  return static_cast<float*>(v.data)[simt::row_begin(v, item) + row];
}

/// A row of scores becomes exp(score - maximum so far), dropped; what was summed before is scaled to the new maximum.
/// A block for each row.
struct TakeScores {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  ScoreTile scores;
  TileRules rules;
  RunningAttention running;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x;
    const std::int64_t item = row / rules.query_rows, query = row % rules.query_rows;
    const KeyRange read = rules.keys_read(query);
    const float max = read.count() > 0 ? update(thread, row, item, query, read) : 0;
    if (!running.sums) return;
    for_each_step(thread, rules.key_rows, [&](std::int64_t column) {
      Pack p;
      if (column < read.end) p = scores.load(row, column);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        const bool counts = read.has(column + j);
        p.v[j] = counts ? std::exp(p.v[j] - max) * rules.dropout_factor(item, query, column + j) : 0;
      }
      if (scores.narrow) thread.sync();  // a bf16 result overwrites scores of other threads
      if (column < rules.key_rows) scores.store(row, column, p);
    });
  }

  /// The new maximum.
  HEADROOM_DEVICE float update(Thread& thread, std::int64_t row, std::int64_t item, std::int64_t query,
                               const KeyRange& read) const {
    const std::int64_t begin = simt::row_begin(scores.tile, row) + read.first;
    const SoftmaxSum s = softmax_sum(thread, Type::fp32, scores.tile.data, begin, read.count(),
                                     scores.aligned && read.first % kPack == 0);
    float& row_max = statistic(running.row_max, item, query);
    float& row_sum = statistic(running.row_sum, item, query);
    const float max = fmaxf(row_max, s.max), factor = std::exp(row_max - max);
    thread.sync();
    if (thread.thread() == 0) {
      row_sum = row_sum * factor + s.sum * std::exp(s.max - max);
      row_max = max;
    }
    if (running.sums && factor != 1) scale_sums(thread, item, query, factor);
    return max;
  }

  HEADROOM_DEVICE void scale_sums(Thread& thread, std::int64_t item, std::int64_t query, float factor) const {
    const Heads& heads = rules.block.heads;
    float* sums = static_cast<float*>(running.sums.data) + simt::row_begin(running.sums, item / heads.heads, query) +
                  item % heads.heads * heads.head_dim;
    for (std::int64_t i = thread.thread(); i < heads.head_dim; i += thread.threads()) sums[i] *= factor;
  }
};

/// out = sums / row_sum, 0 for a row without keys.
struct Normalize {
  View out;
  RunningAttention running;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    Pack p = simt::load(Type::fp32, running.sums.data, simt::pack_of(running.sums, entry, i, length, aligned));
    const std::int64_t heads = running.row_max.rows, head_dim = out.width / heads;
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      if (i + j >= length) continue;
      const std::int64_t row = (i + j) / out.width, head = (i + j) % out.width / head_dim;
      const float sum = statistic(running.row_sum, entry * heads + head, row);
      p.v[j] = sum > 0 ? p.v[j] / sum : 0;
    }
    simt::store(out.type, out.data, simt::pack_of(out, entry, i, length, aligned), p);
  }
};

/// Scores become dropped probabilities, the gradients of those the gradients of the scores: p (dropped(d) - delta). A
/// block for each row.
struct TakeScoreGradients {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  ScoreTile scores;
  ScoreTile gradients;
  TileRules rules;
  ConstView lse;
  ConstView delta;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x;
    const std::int64_t item = row / rules.query_rows, query = row % rules.query_rows;
    const KeyRange read = rules.keys_read(query);
    const float row_lse = simt::load(Type::fp32, lse.data, simt::row_begin(lse, item) + query);
    const float row_delta = simt::load(Type::fp32, delta.data, simt::row_begin(delta, item) + query);
    for_each_step(thread, rules.key_rows, [&](std::int64_t column) {
      Pack p, d;
      if (column < read.end) {
        p = scores.load(row, column);
        d = gradients.load(row, column);
      }
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        const bool counts = read.has(column + j);
        const float factor = counts ? rules.dropout_factor(item, query, column + j) : 0;
        const float probability = counts ? std::exp(p.v[j] - row_lse) : 0;
        d.v[j] = counts ? probability * (d.v[j] * factor - row_delta) : 0;
        p.v[j] = probability * factor;
      }
      if (scores.narrow || gradients.narrow) thread.sync();  // a bf16 result overwrites scores of other threads
      if (column >= rules.key_rows) return;
      scores.store(row, column, p);
      gradients.store(row, column, d);
    });
  }
};

simt::LaunchShape rows_of_tile(const View& tile, int threads) {
  return simt::one_block_each_row(tile.batch * tile.rows, tile.width, kPack, threads, simt::kReduceBytes);
}

}  // namespace

void CudaBackend::blocks_begin(const RunningAttention& running) {
  check_running(running, "blocks_begin");
  simt::launch_linear(stream_, running.row_max, Fill{running.row_max, -INFINITY});
  zero(running.row_sum);
  if (running.sums) zero(running.sums);
}

void CudaBackend::blocks_add(const RunningAttention& running, View tile, ConstView q, ConstView k, ConstView v,
                             const AttentionBlock& block) {
  check_blocks_add(running, tile, q, k, v, block.heads);
  const TileRules rules{block, q.rows, k.rows};
  if (rules.all_masked()) return;
  if (!tile) return add_block(stream_, running, q, k, v, block);
  const AttentionProducts products(*products_, block.heads);
  const ScoreTile scores(tile, v && v.type == Type::bf16);
  products.scores(tile, q, k, score_scale(block.heads));
  launch(rows_of_tile(tile, TakeScores::kThreads), TakeScores{scores, rules, running});
  if (v) products.queries(running.sums, scores.result(), v, 1, Write::add);
}

void CudaBackend::blocks_end(View out, const RunningAttention& running) {
  check_blocks_end(out, running);
  if (out) simt::launch_linear(stream_, out, Normalize{out, running, simt::are_aligned(out, running.sums)});
  simt::launch_linear(stream_, running.row_max, LogSumExp{running.row_max, running.row_sum});
}

void CudaBackend::blocks_backward(View dq, View dk, View dv, View tile, View d_tile, const AttentionSaved& saved,
                                  const AttentionBlock& block) {
  check_blocks_backward(dq, dk, dv, tile, d_tile, saved, block.heads);
  const TileRules rules{block, saved.q.rows, saved.k.rows};
  if (rules.all_masked()) return;
  if (!tile) return block_backward(stream_, dq, dk, dv, saved, block);
  const AttentionProducts products(*products_, block.heads);
  const float scale = score_scale(block.heads);
  const ScoreTile scores(tile, saved.d_out.type == Type::bf16);
  const ScoreTile gradients(d_tile, saved.q.type == Type::bf16 && saved.k.type == Type::bf16);
  products.scores(tile, saved.q, saved.k, scale);
  products.scores(d_tile, saved.d_out, saved.v, 1);
  launch(rows_of_tile(tile, TakeScoreGradients::kThreads),
         TakeScoreGradients{scores, gradients, rules, saved.lse, saved.delta});
  products.keys(dv, scores.result(), saved.d_out, 1, Write::add);
  products.queries(dq, gradients.result(), saved.k, scale, Write::add);
  products.keys(dk, gradients.result(), saved.q, scale, Write::add);
}

}  // namespace headroom::kernels::cuda

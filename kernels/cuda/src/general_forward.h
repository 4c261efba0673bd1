#pragma once

#include <cmath>
#include <cstdint>

#include "attention_call.h"
#include "attention_fragments.h"
#include "general_tile.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// Attention in fp32 arithmetic for any types, head size and alignment: a block of threads takes 64 queries of one head
/// through the keys they read. Output columns are summed in registers, 256 at a time; wider heads compute their scores
/// again for the next 256.
struct GeneralForward {
  static constexpr int kThreads = kGeneralThreads;
  static constexpr int kMinBlocks = 1;
  static constexpr int kQueries = kGeneralTile;
  static constexpr int kKeys = kGeneralTile;
  static constexpr int kStrips = 4;
  static constexpr int kColumns = kStrips * kGeneralTile;
  static constexpr int kTilesBytes = 3 * GeneralTile::kBytes;
  static constexpr int kSharedBytes = kTilesBytes + 3 * 4 * kQueries;

  using Thread = simt::Thread;
  using Sums = GeneralSums[kStrips];

  ForwardCall c;

  [[nodiscard]] simt::LaunchShape shape() const {
    const AttentionGeometry& g = c.geometry;
    return {{std::int64_t{g.batch} * g.heads * parts(), 1, 1}, kThreads, kSharedBytes};
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    // The last queries read most: they start first.
    AttentionPlace place = AttentionPlace::of(thread.block().x, parts(), c.geometry.heads);
    place.part = parts() - 1 - place.part;
    const int end = c.geometry.mask.key_end(place.part * kQueries, kQueries);
    const int begin = c.geometry.mask.key_begin(place.part * kQueries, kKeys);
    if (c.running.row_max && begin >= end) return;
    const int columns = c.v ? c.geometry.head_dim : 1;
    for (int column = 0; column < columns; column += kColumns) take_keys(thread, place, column, begin, end);
    write_statistics(thread, place);
  }

 private:
  [[nodiscard]] HEADROOM_HD int parts() const {
    return static_cast<int>(simt::parts_of(c.geometry.mask.queries, kQueries));
  }
  [[nodiscard]] HEADROOM_DEVICE static GeneralTile scores(Thread& thread) { return {thread, 0}; }
  /// Maximum, sum and latest factor of each query.
  [[nodiscard]] HEADROOM_DEVICE static float* maxima(Thread& thread) { return thread.shared<float>(kTilesBytes); }
  [[nodiscard]] HEADROOM_DEVICE static float* row_sums(Thread& thread) { return maxima(thread) + kQueries; }
  [[nodiscard]] HEADROOM_DEVICE static float* factors(Thread& thread) { return maxima(thread) + 2 * kQueries; }

  [[nodiscard]] HEADROOM_DEVICE GeneralRows queries_of(const AttentionPlace& place) const {
    const int query = place.part * kQueries;
    return {c.q, place.entry, place.head, query, c.geometry.mask.queries - query};
  }
  [[nodiscard]] HEADROOM_DEVICE GeneralRows keys_of(const ConstView& view, const AttentionPlace& place, int key) const {
    return {view, place.entry, place.head / c.geometry.group(), key, c.geometry.mask.keys - key};
  }
  [[nodiscard]] HEADROOM_DEVICE static float& statistic(const View& v, const AttentionPlace& place, int row) {
    return static_cast<float*>(v.data)[simt::row_begin(v, place.entry, place.head) + row];
  }

  /// Keys [begin, end) into the output columns from `column` on.
  HEADROOM_DEVICE void take_keys(Thread& thread, const AttentionPlace& place, int column, int begin, int end) const {
    thread.sync();
    begin_statistics(thread, place);
    Sums sums = {};
    begin_sums(thread, sums, place, column);
    for (int key = begin; key < end; key += kKeys) {
      score(thread, place, key);
      soften(thread, place, key);
      if (c.v) add_values(thread, sums, place, column, key);
    }
    thread.sync();
    write_sums(thread, sums, place, column);
  }

  HEADROOM_DEVICE void begin_statistics(Thread& thread, const AttentionPlace& place) const {
    const int row = place.part * kQueries + thread.thread();
    if (thread.thread() >= kQueries) return;
    const bool known = c.running.row_max && row < c.geometry.mask.queries;
    maxima(thread)[thread.thread()] = known ? statistic(c.running.row_max, place, row) : kNoScore;
    row_sums(thread)[thread.thread()] = known ? statistic(c.running.row_sum, place, row) : 0;
  }

  /// body(strip, i, j, row, element) for the thread's sums that lie in `view`.
  template <class Body>
  HEADROOM_DEVICE void for_each_element(Thread& thread, const View& view, const AttentionPlace& place, int column,
                                        const Body& body) const {
    HEADROOM_UNROLL
    for (int strip = 0; strip < kStrips; ++strip) {
      for_each_sum(thread, [&](int i, int j, int row, int x) {
        const int query = place.part * kQueries + row, at = column + strip * kGeneralTile + x;
        if (query >= c.geometry.mask.queries || at >= c.geometry.head_dim) return;
        body(strip, i, j, row, head_begin(view, place.entry, place.head, c.geometry.head_dim, query) + at);
      });
    }
  }

  HEADROOM_DEVICE void begin_sums(Thread& thread, Sums& sums, const AttentionPlace& place, int column) const {
    if (!c.running.sums) return;
    for_each_element(thread, c.running.sums, place, column, [&](int strip, int i, int j, int, std::int64_t at) {
      sums[strip][i][j] = static_cast<const float*>(c.running.sums.data)[at];
    });
  }

  /// scores = q k^T scaled, -inf where masked.
  HEADROOM_DEVICE void score(Thread& thread, const AttentionPlace& place, int key) const {
    GeneralSums s = {};
    add_product_of_rows(thread, s, queries_of(place), keys_of(c.k, place, key), c.geometry.head_dim, {thread, 1},
                        {thread, 2});
    for_each_sum(thread, [&](int i, int j, int row, int column) {
      const bool read = c.geometry.mask.reads(place.part * kQueries + row, key + column);
      scores(thread).at(row, column) = read ? s[i][j] * c.geometry.scale : kNoScore;
    });
    thread.sync();
  }

  /// Scores become exp(score - the maximum so far), dropped where there is dropout: four threads a row.
  HEADROOM_DEVICE void soften(Thread& thread, const AttentionPlace& place, int key) const {
    const int row = thread.thread() / 4, first = thread.thread() % 4;
    const GeneralTile tile = scores(thread);
    const float before = maxima(thread)[row], sum_before = row_sums(thread)[row];
    float max = kNoScore;
    for (int j = first; j < kKeys; j += 4) max = larger(max, tile.at(row, j));
    max = larger(before, quad_max(thread, max));
    // Without any score so far everything is 0, whatever is subtracted.
    const float shift = max == kNoScore ? 0 : max;
    float sum = 0;
    for (int j = first; j < kKeys; j += 4) {
      const float p = std::exp(tile.at(row, j) - shift);
      sum += p;
      tile.at(row, j) = p * kept(place, row, key + j);
    }
    sum = quad_sum(thread, sum);
    const float factor = std::exp(before - shift);
    if (first == 0) {
      maxima(thread)[row] = max;
      row_sums(thread)[row] = sum_before * factor + sum;
      factors(thread)[row] = factor;
    }
    thread.sync();
  }
  /// What a probability is multiplied by.
  [[nodiscard]] HEADROOM_DEVICE float kept(const AttentionPlace& place, int row, int key) const {
    const ProbabilityDropout& dropout = c.geometry.dropout;
    if (!dropout) return 1;
    const std::int64_t item = std::int64_t{place.entry} * c.geometry.heads + place.head;
    return dropout.keeps(dropout.index(item, place.part * kQueries + row, key)) ? dropout.scale : 0;
  }

  HEADROOM_DEVICE void add_values(Thread& thread, Sums& sums, const AttentionPlace& place, int column, int key) const {
    const GeneralTile values(thread, 1);
    const GeneralRows rows = keys_of(c.v, place, key);
    HEADROOM_UNROLL
    for (int strip = 0; strip < kStrips; ++strip) {
      const int at = column + strip * kGeneralTile;
      if (at >= c.geometry.head_dim) break;
      for_each_sum(thread, [&](int i, int j, int row, int) { sums[strip][i][j] *= factors(thread)[row]; });
      thread.sync();
      take_columns(thread, values, rows, c.geometry.head_dim, at);
      thread.sync();
      add_product(thread, sums[strip], scores(thread).rows(), values.columns(), kKeys);
    }
  }

  HEADROOM_DEVICE void write_sums(Thread& thread, const Sums& sums, const AttentionPlace& place, int column) const {
    const bool keeps_running = static_cast<bool>(c.running.row_max);
    const View& to = keeps_running ? c.running.sums : c.out;
    if (!to) return;
    for_each_element(thread, to, place, column, [&](int strip, int i, int j, int row, std::int64_t at) {
      const float sum = row_sums(thread)[row];
      simt::store(to.type, to.data, at, sums[strip][i][j] * (keeps_running ? 1 : sum > 0 ? 1 / sum : 0));
    });
  }

  HEADROOM_DEVICE void write_statistics(Thread& thread, const AttentionPlace& place) const {
    const int row = place.part * kQueries + thread.thread();
    if (thread.thread() >= kQueries || row >= c.geometry.mask.queries) return;
    const float max = maxima(thread)[thread.thread()], sum = row_sums(thread)[thread.thread()];
    if (c.lse) statistic(c.lse, place, row) = max + std::log(sum);
    if (!c.running.row_max) return;
    statistic(c.running.row_max, place, row) = max;
    statistic(c.running.row_sum, place, row) = sum;
  }
};

}  // namespace headroom::kernels::cuda

#pragma once

#include <cmath>
#include <cstdint>

#include "attention_call.h"
#include "attention_fragments.h"
#include "general_tile.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// Attention's backward in fp32 arithmetic for any types, head size and alignment: a block of threads takes 64 keys of
/// one key-value head through the queries that read them, of all query heads of the group. dk and dv are summed in
/// registers, 192 columns at a time; wider heads compute their scores again for the next 192. dq is added atomically.
struct GeneralBackward {
  static constexpr int kThreads = kGeneralThreads;
  static constexpr int kMinBlocks = 1;
  static constexpr int kQueries = kGeneralTile;
  static constexpr int kKeys = kGeneralTile;
  static constexpr int kStrips = 3;
  static constexpr int kColumns = kStrips * kGeneralTile;
  static constexpr int kTilesBytes = 4 * GeneralTile::kBytes;
  static constexpr int kSharedBytes = kTilesBytes + 2 * 4 * kQueries;

  using Thread = simt::Thread;
  using Sums = GeneralSums[kStrips];

  BackwardCall c;

  [[nodiscard]] simt::LaunchShape shape() const {
    const AttentionGeometry& g = c.geometry;
    return {{std::int64_t{g.batch} * g.kv_heads * parts(), 1, 1}, kThreads, kSharedBytes};
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const AttentionPlace place = AttentionPlace::of(thread.block().x, parts(), c.geometry.kv_heads);
    for (int column = 0; column < c.geometry.head_dim; column += kColumns) take_queries(thread, place, column);
  }

 private:
  /// Some queries of one head, from `row` on.
  struct Queries {
    int entry;
    int head;
    int row;
  };

  [[nodiscard]] HEADROOM_HD int parts() const { return static_cast<int>(simt::parts_of(c.geometry.mask.keys, kKeys)); }
  [[nodiscard]] HEADROOM_DEVICE static GeneralTile probabilities(Thread& thread) { return {thread, 0}; }
  [[nodiscard]] HEADROOM_DEVICE static GeneralTile gradients(Thread& thread) { return {thread, 1}; }
  /// lse of each query, then delta.
  [[nodiscard]] HEADROOM_DEVICE static float* statistics(Thread& thread) { return thread.shared<float>(kTilesBytes); }

  [[nodiscard]] HEADROOM_DEVICE GeneralRows rows_of(const ConstView& view, const Queries& queries) const {
    return {view, queries.entry, queries.head, queries.row, c.geometry.mask.queries - queries.row};
  }
  [[nodiscard]] HEADROOM_DEVICE GeneralRows rows_of(const ConstView& view, const AttentionPlace& place) const {
    const int key = place.part * kKeys;
    return {view, place.entry, place.head, key, c.geometry.mask.keys - key};
  }

  /// All queries into the columns of dk and dv from `column` on, and into those of dq.
  HEADROOM_DEVICE void take_queries(Thread& thread, const AttentionPlace& place, int column) const {
    const int group = c.geometry.group();
    const int first = c.geometry.mask.first_query(place.part * kKeys);
    const int end = c.geometry.mask.query_end(place.part * kKeys, kKeys);
    Sums dk = {}, dv = {};
    for (int head = place.head * group; head < (place.head + 1) * group; ++head) {
      for (int row = first; row < end; row += kQueries) {
        const Queries queries{place.entry, head, row};
        differentiate(thread, place, queries);
        add_strips(thread, dk, dv, place, queries, column);
      }
    }
    write_sums(thread, c.dk, dk, c.geometry.scale, place, column);
    write_sums(thread, c.dv, dv, 1, place, column);
  }

  HEADROOM_DEVICE void take_statistics(Thread& thread, const Queries& queries) const {
    const int row = queries.row + thread.thread();
    if (thread.thread() >= kQueries) return;
    const bool exists = row < c.geometry.mask.queries;
    const auto read = [&](const ConstView& v) {
      return static_cast<const float*>(v.data)[simt::row_begin(v, queries.entry, queries.head) + row];
    };
    statistics(thread)[thread.thread()] = exists ? read(c.saved.lse) : -kNoScore;
    statistics(thread)[kQueries + thread.thread()] = exists ? read(c.saved.delta) : 0;
  }

  /// The tiles of probabilities, dropped where there is dropout, and of gradients in front of the softmax.
  HEADROOM_DEVICE void differentiate(Thread& thread, const AttentionPlace& place, const Queries& queries) const {
    const GeneralTile a(thread, 2), b(thread, 3);
    GeneralSums s = {}, dp = {};
    thread.sync();
    take_statistics(thread, queries);
    add_product_of_rows(thread, s, rows_of(c.saved.q, queries), rows_of(c.saved.k, place), c.geometry.head_dim, a, b);
    add_product_of_rows(thread, dp, rows_of(c.saved.d_out, queries), rows_of(c.saved.v, place), c.geometry.head_dim, a,
                        b);
    const float* lse = statistics(thread);
    for_each_sum(thread, [&](int i, int j, int row, int column) {
      const int query = queries.row + row, key = place.part * kKeys + column;
      const bool read = c.geometry.mask.reads(query, key);
      const float p = read ? std::exp(s[i][j] * c.geometry.scale - lse[row]) : 0;
      const float factor = kept(queries, query, key);
      probabilities(thread).at(row, column) = p * factor;
      gradients(thread).at(row, column) = p * (dp[i][j] * factor - lse[kQueries + row]);
    });
  }
  /// What a probability is multiplied by.
  [[nodiscard]] HEADROOM_DEVICE float kept(const Queries& queries, int query, int key) const {
    const ProbabilityDropout& dropout = c.geometry.dropout;
    if (!dropout) return 1;
    const std::int64_t item = std::int64_t{queries.entry} * c.geometry.heads + queries.head;
    return dropout.keeps(dropout.index(item, query, key)) ? dropout.scale : 0;
  }

  HEADROOM_DEVICE void add_strips(Thread& thread, Sums& dk, Sums& dv, const AttentionPlace& place,
                                  const Queries& queries, int column) const {
    const GeneralTile a(thread, 2), b(thread, 3);
    const int head_dim = c.geometry.head_dim;
    HEADROOM_UNROLL
    for (int strip = 0; strip < kStrips; ++strip) {
      const int at = column + strip * kGeneralTile;
      if (at >= head_dim) break;
      thread.sync();
      take_columns(thread, a, rows_of(c.saved.d_out, queries), head_dim, at);
      take_columns(thread, b, rows_of(c.saved.q, queries), head_dim, at);
      thread.sync();
      add_product(thread, dv[strip], probabilities(thread).columns(), a.columns(), kQueries);
      add_product(thread, dk[strip], gradients(thread).columns(), b.columns(), kQueries);
      thread.sync();
      take_columns(thread, a, rows_of(c.saved.k, place), head_dim, at);
      thread.sync();
      GeneralSums dq = {};
      add_product(thread, dq, gradients(thread).rows(), a.columns(), kKeys);
      add_dq(thread, dq, queries, at);
    }
  }

  HEADROOM_DEVICE void add_dq(Thread& thread, const GeneralSums& dq, const Queries& queries, int column) const {
    for_each_sum(thread, [&](int i, int j, int row, int x) {
      if (queries.row + row >= c.geometry.mask.queries || column + x >= c.geometry.head_dim) return;
      const std::int64_t begin = head_begin(c.dq, queries.entry, queries.head, c.geometry.head_dim, queries.row + row);
      thread.atomic_add(static_cast<float*>(c.dq.data) + begin + column + x, dq[i][j] * c.geometry.scale);
    });
  }

  HEADROOM_DEVICE void write_sums(Thread& thread, const View& to, const Sums& sums, float scale,
                                  const AttentionPlace& place, int column) const {
    HEADROOM_UNROLL
    for (int strip = 0; strip < kStrips; ++strip) {
      for_each_sum(thread, [&](int i, int j, int row, int x) {
        const int key = place.part * kKeys + row, at = column + strip * kGeneralTile + x;
        if (key >= c.geometry.mask.keys || at >= c.geometry.head_dim) return;
        const std::int64_t begin = head_begin(to, place.entry, place.head, c.geometry.head_dim, key);
        simt::store(to.type, to.data, begin + at, sums[strip][i][j] * scale, c.write);
      });
    }
  }
};

}  // namespace headroom::kernels::cuda

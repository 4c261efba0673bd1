#pragma once

#include <cstdint>

#include "attention_call.h"
#include "attention_fragments.h"
#include "backward_memory.h"
#include "simt/launch.h"
#include "tensor_products.h"

namespace headroom::kernels::cuda {

/// Flash attention's backward on tensor cores (Dao, arXiv 2307.08691): a block of threads takes 128 keys of one
/// key-value head through the queries that read them, of all query heads of the group. dk and dv are summed in
/// registers and written once, dq is added atomically. Scores are computed transposed, 16 keys a warp, so that
/// probabilities and score gradients lie in registers as the products for dv and dk want them; only dq needs them in
/// shared memory. q, k, v and d_out are bf16, all operands aligned to 16 bytes.
template <int kHeadDim, bool kDropout>
struct TensorBackward {
  static constexpr BackwardTile kTile = backward_tile(kHeadDim);
  static constexpr int kThreads = 32 * kTile.warps;
  static constexpr int kMinBlocks = kTile.blocks;
  static constexpr int kQueries = kTile.queries;
  static constexpr int kKeys = kTile.keys;
  /// dq: each warp takes 16 queries and one of so many parts of the columns.
  static constexpr int kColumnParts = kTile.warps / (kQueries / 16);
  static constexpr int kColumns = kHeadDim / kColumnParts;
  static_assert(kKeys == 16 * kTile.warps && kColumns % 8 == 0);

  using Memory = BackwardMemory<kHeadDim>;
  using Tile = typename Memory::Tile;
  using Thread = simt::Thread;

  BackwardCall c;

  /// What a thread holds of its warp's 16 keys.
  struct State {
    Accumulators<kHeadDim / 8> dk;
    Accumulators<kHeadDim / 8> dv;
    Fragments<kHeadDim / 16> v;
  };

  using Scores = Accumulators<kQueries / 8>;       ///< rows are keys
  using Probabilities = Fragments<kQueries / 16>;  ///< rounded

  [[nodiscard]] simt::LaunchShape shape() const {
    const AttentionGeometry& g = c.geometry;
    return {{std::int64_t{g.batch} * g.kv_heads * parts(), 1, 1}, kThreads, kTile.shared_bytes(kHeadDim)};
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const AttentionPlace place = place_of(thread);
    Queries now{place.head * c.geometry.group(), first_row(place)};
    State state = {};
    if (now.row < c.geometry.mask.queries) {
      take_keys(thread, state, place);
      copy_queries(thread, place.entry, now, 0);
      keep_statistics(thread, statistics_of(thread, place.entry, now), 0);
    }
    int stage = 0;
    while (now.row < c.geometry.mask.queries) {
      thread.template copy_wait<0>();
      thread.sync();
      const AttentionPlace here = place_of(thread);  // again: registers are short behind it
      const Queries next = behind(now, here);
      const bool more = next.row < c.geometry.mask.queries;
      if (more) copy_queries(thread, here.entry, next, stage ^ 1);
      step(thread, state, now, stage);
      thread.sync();
      const int entry = place_of(thread).entry;
      const Statistics statistics = more ? statistics_of(thread, entry, next) : Statistics{};
      add_dq(thread, entry, now);
      if (more) keep_statistics(thread, statistics, stage ^ 1);
      now = next;
      stage ^= 1;
    }
    finish(thread, state, place_of(thread));
  }

 private:
  /// Some queries of one head, from `row` on.
  struct Queries {
    int head;
    int row;
  };
  /// Of one query, as the probabilities want them.
  struct Statistics {
    float lse;  ///< times log2(e)
    float delta;
  };

  [[nodiscard]] HEADROOM_HD int parts() const { return static_cast<int>(simt::parts_of(c.geometry.mask.keys, kKeys)); }
  [[nodiscard]] HEADROOM_DEVICE AttentionPlace place_of(Thread& thread) const {
    return AttentionPlace::of(thread.block().x, parts(), c.geometry.kv_heads);
  }
  /// The first tile of queries of each head that reads these keys; behind the last query where none does.
  [[nodiscard]] HEADROOM_DEVICE int first_row(const AttentionPlace& place) const {
    const int query = c.geometry.mask.first_query(place.part * kKeys);
    return query >= end_row(place) ? c.geometry.mask.queries : query / kQueries * kQueries;
  }
  [[nodiscard]] HEADROOM_DEVICE int end_row(const AttentionPlace& place) const {
    return c.geometry.mask.query_end(place.part * kKeys, kKeys);
  }
  /// The next tile of the same head, else of the next; behind the last one its row is behind the last query.
  [[nodiscard]] HEADROOM_DEVICE Queries behind(Queries now, const AttentionPlace& place) const {
    now.row += kQueries;
    if (now.row < end_row(place)) return now;
    const bool is_last = now.head + 1 == (place.head + 1) * c.geometry.group();
    return is_last ? Queries{now.head, c.geometry.mask.queries} : Queries{now.head + 1, first_row(place)};
  }

  /// Keys stay in shared memory, values in registers.
  HEADROOM_DEVICE void take_keys(Thread& thread, State& state, const AttentionPlace& place) const {
    const Tile v = Memory::values(thread);
    const int key = place.part * kKeys, end = c.geometry.mask.keys;
    copy_rows<kKeys>(thread, Memory::keys(thread), c.saved.k, place.entry, place.head, key, end);
    copy_rows<kKeys>(thread, v, c.saved.v, place.entry, place.head, key, end);
    thread.copy_commit();
    thread.template copy_wait<0>();
    thread.sync();
    HEADROOM_UNROLL
    for (int m = 0; m < kHeadDim / 16; ++m) v.load_a(thread, state.v[m], 16 * thread.warp(), 16 * m);
    thread.sync();
  }
  HEADROOM_DEVICE void copy_queries(Thread& thread, int entry, const Queries& at, int stage) const {
    const int end = c.geometry.mask.queries;
    copy_rows<kQueries>(thread, Memory::queries(thread, stage), c.saved.q, entry, at.head, at.row, end);
    copy_rows<kQueries>(thread, Memory::d_out(thread, stage), c.saved.d_out, entry, at.head, at.row, end);
    thread.copy_commit();
  }
  /// Rows from `row` on of one head, zeros from `end` on.
  template <int kRows>
  HEADROOM_DEVICE static void copy_rows(Thread& thread, const Tile& to, const ConstView& from, int entry, int head,
                                        int row, int end) {
    const auto* rows = static_cast<const std::uint16_t*>(from.data) + head_begin(from, entry, head, kHeadDim, row);
    to.template copy<kRows, kThreads>(thread, rows, from.width, end - row);
  }

  /// Of the query that this thread keeps; queries that do not exist have no probabilities.
  [[nodiscard]] HEADROOM_DEVICE Statistics statistics_of(Thread& thread, int entry, const Queries& queries) const {
    const int row = queries.row + thread.thread();
    if (thread.thread() >= kQueries || row >= c.geometry.mask.queries) return {-kNoScore, 0};
    const auto read = [&](const ConstView& v) {
      return static_cast<const float*>(v.data)[simt::row_begin(v, entry, queries.head) + row];
    };
    return {read(c.saved.lse) * kLog2E, read(c.saved.delta)};
  }
  HEADROOM_DEVICE void keep_statistics(Thread& thread, const Statistics& statistics, int stage) const {
    if (thread.thread() >= kQueries) return;
    Memory::lse(thread, stage)[thread.thread()] = statistics.lse;
    Memory::delta(thread, stage)[thread.thread()] = statistics.delta;
  }

  /// dv and dk take one tile of queries; its score gradients go to shared memory.
  HEADROOM_DEVICE void step(Thread& thread, State& state, const Queries& queries, int stage) const {
    const Tile q = Memory::queries(thread, stage), d_out = Memory::d_out(thread, stage);
    Probabilities p, ds;
    {
      // In front of the scores, where registers are left.
      const std::uint32_t kept = kDropout ? kept_of(thread, queries) : 0;
      Scores s = {}, dp = {};
      multiply_keys(thread, s, q);
      multiply_values(thread, dp, state, d_out);
      differentiate(thread, s, dp, kept, queries, stage);
      HEADROOM_UNROLL
      for (int n = 0; n < kQueries / 16; ++n) {
        to_a(p[n], s[2 * n], s[2 * n + 1]);
        to_a(ds[n], dp[2 * n], dp[2 * n + 1]);
      }
    }
    keep_gradients(thread, ds);
    HEADROOM_UNROLL
    for (int n = 0; n < kQueries / 16; ++n) multiply_columns<1>(thread, &state.dv, &p[n], d_out, 16 * n);
    HEADROOM_UNROLL
    for (int n = 0; n < kQueries / 16; ++n) multiply_columns<1>(thread, &state.dk, &ds[n], q, 16 * n);
  }

  /// s = k q^T.
  HEADROOM_DEVICE void multiply_keys(Thread& thread, Scores& s, const Tile& q) const {
    const Tile k = Memory::keys(thread);
    HEADROOM_UNROLL
    for (int column = 0; column < kHeadDim; column += 16) {
      std::uint32_t a[4];
      k.load_a(thread, a, 16 * thread.warp(), column);
      multiply_rows<1>(thread, &s, &a, q, column);
    }
  }
  /// dp = v d_out^T.
  HEADROOM_DEVICE void multiply_values(Thread& thread, Scores& dp, const State& state, const Tile& d_out) const {
    HEADROOM_UNROLL
    for (int m = 0; m < kHeadDim / 16; ++m) multiply_rows<1>(thread, &dp, &state.v[m], d_out, 16 * m);
  }

  /// Bit 4 n + i: whether element i of scores n survives dropout.
  [[nodiscard]] HEADROOM_DEVICE std::uint32_t kept_of(Thread& thread, const Queries& queries) const {
    static_assert(kQueries / 2 <= 32);
    const ProbabilityDropout& dropout = c.geometry.dropout;
    const AttentionPlace place = place_of(thread);
    const std::int64_t item = std::int64_t{place.entry} * c.geometry.heads + queries.head;
    const std::int64_t first = dropout.index(item, queries.row + thread.lane() % 4 * 2,
                                             place.part * kKeys + 16 * thread.warp() + thread.lane() / 4);
    std::uint32_t kept = 0;
    HEADROOM_NO_UNROLL
    for (int n = 0; n < kQueries / 8; ++n) {
      HEADROOM_UNROLL
      for (int i = 0; i < 4; ++i) {
        const std::int64_t index = first + (8 * n + i % 2) * dropout.whole_keys + i / 2 * 8;
        kept |= dropout.keeps(index) ? 1U << (4 * n + i) : 0U;
      }
    }
    return kept;
  }

  /// Scores become probabilities, dropped and scaled where there is dropout; dp becomes the gradient of the scaled
  /// scores.
  HEADROOM_DEVICE void differentiate(Thread& thread, Scores& s, Scores& dp, std::uint32_t kept, const Queries& queries,
                                     int stage) const {
    const int key = place_of(thread).part * kKeys;
    const float* lse = Memory::lse(thread, stage);
    const float* delta = Memory::delta(thread, stage);
    const float scale = c.geometry.scale * kLog2E;
    const bool partial = c.geometry.mask.is_partial(queries.row, kQueries, key, kKeys);
    const int own_key = key + 16 * thread.warp() + thread.lane() / 4;
    HEADROOM_UNROLL
    for (int n = 0; n < kQueries / 8; ++n) {
      HEADROOM_UNROLL
      for (int i = 0; i < 4; ++i) {
        const int query = 8 * n + thread.lane() % 4 * 2 + i % 2, at = own_key + i / 2 * 8;
        float p = fast_exp2(s[n][i] * scale - lse[query]);
        if (partial && !c.geometry.mask.reads(queries.row + query, at)) p = 0;
        s[n][i] = p;
        if constexpr (kDropout) {
          const float factor = (kept >> (4 * n + i) & 1U) != 0 ? c.geometry.dropout.scale : 0;
          s[n][i] *= factor;
          dp[n][i] *= factor;
        }
        dp[n][i] = p * (dp[n][i] - delta[query]);
      }
    }
  }

  HEADROOM_DEVICE void keep_gradients(Thread& thread, const Probabilities& ds) const {
    const auto tile = Memory::gradients(thread);
    const int row = 16 * thread.warp() + thread.lane() / 4, column = thread.lane() % 4 * 2;
    HEADROOM_UNROLL
    for (int n = 0; n < kQueries / 16; ++n) {
      HEADROOM_UNROLL
      for (int i = 0; i < 4; ++i) tile.store_pair(row + i % 2 * 8, 16 * n + i / 2 * 8 + column, ds[n][i]);
    }
  }

  /// dq += ds k, over the keys.
  HEADROOM_DEVICE void add_dq(Thread& thread, int entry, const Queries& queries) const {
    const Tile k = Memory::keys(thread);
    const auto ds = Memory::gradients(thread);
    const int piece = thread.warp() % (kQueries / 16) * 16, column = thread.warp() / (kQueries / 16) * kColumns;
    Accumulators<kColumns / 8> dq = {};
    HEADROOM_UNROLL
    for (int row = 0; row < kKeys; row += 32) {
      std::uint32_t a[2][4];
      ds.load_a_transposed(thread, a[0], row, piece);
      ds.load_a_transposed(thread, a[1], row + 16, piece);
      HEADROOM_UNROLL
      for (int n = 0; n < kColumns / 8; ++n) {
        std::uint32_t b[2][2];
        k.load_b_narrow(thread, b, row, column + 8 * n);
        thread.multiply_add(dq[n], a[0], b[0]);
        thread.multiply_add(dq[n], a[1], b[1]);
      }
    }
    add_rows(thread, dq, entry, queries.head, queries.row + piece + thread.lane() / 4, column + thread.lane() % 4 * 2);
  }
  HEADROOM_DEVICE void add_rows(Thread& thread, const Accumulators<kColumns / 8>& dq, int entry, int head, int row,
                                int column) const {
    const float scale = c.geometry.scale;
    HEADROOM_UNROLL
    for (int half = 0; half < 2; ++half) {
      if (row + 8 * half >= c.geometry.mask.queries) continue;
      float* to = static_cast<float*>(c.dq.data) + head_begin(c.dq, entry, head, kHeadDim, row + 8 * half) + column;
      HEADROOM_UNROLL
      for (int n = 0; n < kColumns / 8; ++n) {
        thread.atomic_add(to + 8 * n, dq[n][2 * half] * scale, dq[n][2 * half + 1] * scale);
      }
    }
  }

  HEADROOM_DEVICE void finish(Thread& thread, const State& state, const AttentionPlace& place) const {
    HEADROOM_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int row = place.part * kKeys + 16 * thread.warp() + thread.lane() / 4 + 8 * half;
      if (row >= c.geometry.mask.keys) continue;
      const auto begin = [&](const View& to) { return head_begin(to, place.entry, place.head, kHeadDim, row); };
      store_row(thread, c.dk, begin(c.dk), state.dk, half, c.geometry.scale, c.write);
      store_row(thread, c.dv, begin(c.dv), state.dv, half, 1, c.write);
    }
  }
};

}  // namespace headroom::kernels::cuda

#pragma once

#include <cstdint>

#include "attention_call.h"
#include "attention_fragments.h"
#include "attention_tiles.h"
#include "shared_tile.h"
#include "simt/launch.h"
#include "tensor_products.h"

namespace headroom::kernels::cuda {

/// Flash attention on tensor cores (Dao, arXiv 2307.08691): a block of threads takes 128 queries of one head through
/// all keys they read. Scores and probabilities stay in registers; keys and values of the next tile are copied while
/// this one is computed. All operands bf16, aligned to 16 bytes.
template <int kHeadDim, bool kDropout>
struct TensorForward {
  static constexpr ForwardTile kTile = forward_tile(kDropout);
  static constexpr int kThreads = 32 * kTile.warps;
  static constexpr int kMinBlocks = kTile.blocks;
  static constexpr int kKeys = kTile.keys;
  static constexpr int kWarpQueries = kTile.queries / kTile.warps;
  static constexpr int kPieces = kWarpQueries / 16;
  static constexpr int kKeyBytes = 2 * kKeys * kHeadDim;
  static_assert(kTile.shared_bytes(kHeadDim) <= 99 << 10);

  using Tile = SharedTile<kHeadDim>;
  using Thread = simt::Thread;

  ForwardCall c;

  /// What a thread holds of its warp's queries: of each piece of 16, rows lane / 4 and that plus 8.
  struct State {
    Registers<Accumulators<kHeadDim / 8>, kPieces> sums;
    Registers<float[2], kPieces> max;  ///< of the scaled scores
    Registers<float[2], kPieces> sum;  ///< this thread's part
  };

  using Scores = Registers<Accumulators<kKeys / 8>, kPieces>;

  [[nodiscard]] simt::LaunchShape shape() const {
    const AttentionGeometry& g = c.geometry;
    return {{std::int64_t{g.batch} * g.heads * parts(), 1, 1}, kThreads, kTile.shared_bytes(kHeadDim)};
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const AttentionPlace place = place_of(thread);
    const int query = place.part * kTile.queries;
    const int first = c.geometry.mask.key_begin(query, kKeys), end = c.geometry.mask.key_end(query, kTile.queries);
    if (c.running.row_max && first >= end) return;
    State state;
    begin(thread, state, place, query);
    if (first < end) {
      copy_queries(thread, place, query);
      copy_keys(thread, keys_of(place), first, 0);
    }
    int stage = 0;
    for (int key = first; key < end; key += kKeys) {
      thread.template copy_wait<0>();
      thread.sync();
      const AttentionPlace here = place_of(thread);  // again: registers are short
      if (key + kKeys < end) copy_keys(thread, keys_of(here), key + kKeys, stage ^ 1);
      step(thread, state, here, here.part * kTile.queries, key, stage);
      stage ^= 1;
    }
    finish(thread, state, place_of(thread));
  }

 private:
  /// The keys and values of one head.
  struct Keys {
    const std::uint16_t* k;
    const std::uint16_t* v;  ///< null where only statistics are wanted
  };

  [[nodiscard]] HEADROOM_HD int parts() const {
    return static_cast<int>(simt::parts_of(c.geometry.mask.queries, kTile.queries));
  }
  /// The last queries read most: they start first.
  [[nodiscard]] HEADROOM_DEVICE AttentionPlace place_of(Thread& thread) const {
    AttentionPlace place = AttentionPlace::of(thread.block().x, parts(), c.geometry.heads);
    place.part = parts() - 1 - place.part;
    return place;
  }
  [[nodiscard]] HEADROOM_DEVICE Keys keys_of(const AttentionPlace& place) const {
    const int head = place.head / c.geometry.group();
    const auto begin = [&](const ConstView& view) {
      return static_cast<const std::uint16_t*>(view.data) + head_begin(view, place.entry, head, kHeadDim, 0);
    };
    return {begin(c.k), c.v ? begin(c.v) : nullptr};
  }
  [[nodiscard]] HEADROOM_DEVICE static Tile query_tile(Thread& thread) {
    return Tile(thread.template shared<unsigned char>());
  }
  [[nodiscard]] HEADROOM_DEVICE static Tile key_tile(Thread& thread, int stage) {
    return Tile(thread.template shared<unsigned char>(2 * kTile.queries * kHeadDim + stage * kKeyBytes));
  }
  [[nodiscard]] HEADROOM_DEVICE static Tile value_tile(Thread& thread, int stage) {
    return key_tile(thread, stage + 2);
  }

  HEADROOM_DEVICE void copy_queries(Thread& thread, const AttentionPlace& place, int query) const {
    const auto* q =
        static_cast<const std::uint16_t*>(c.q.data) + head_begin(c.q, place.entry, place.head, kHeadDim, query);
    query_tile(thread).template copy<kTile.queries, kThreads>(thread, q, c.q.width, c.geometry.mask.queries - query);
  }
  HEADROOM_DEVICE void copy_keys(Thread& thread, const Keys& keys, int key, int stage) const {
    const int valid = c.geometry.mask.keys - key;
    key_tile(thread, stage).template copy<kKeys, kThreads>(thread, keys.k + key * c.k.width, c.k.width, valid);
    if (keys.v != nullptr) {
      value_tile(thread, stage).template copy<kKeys, kThreads>(thread, keys.v + key * c.v.width, c.v.width, valid);
    }
    thread.copy_commit();
  }

  /// body(piece, half, the query's row) for the rows of this thread that exist.
  template <class Body>
  HEADROOM_DEVICE void for_each_row(Thread& thread, int query, const Body& body) const {
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      HEADROOM_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int row = first_row(thread, query) + 16 * piece + 8 * half;
        if (row < c.geometry.mask.queries) body(piece, half, row);
      }
    }
  }
  [[nodiscard]] HEADROOM_DEVICE static int first_row(Thread& thread, int query) {
    return query + thread.warp() * kWarpQueries + thread.lane() / 4;
  }
  [[nodiscard]] HEADROOM_DEVICE std::int64_t statistic(const View& v, const AttentionPlace& place, int row) const {
    return simt::row_begin(v, place.entry, place.head) + row;
  }

  HEADROOM_DEVICE void begin(Thread& thread, State& state, const AttentionPlace& place, int query) const {
    state = {};
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) state.max[piece][0] = state.max[piece][1] = kNoScore;
    if (!c.running.row_max) return;
    const int t = thread.lane() % 4;
    for_each_row(thread, query, [&](int piece, int half, int row) {
      state.max[piece][half] =
          static_cast<const float*>(c.running.row_max.data)[statistic(c.running.row_max, place, row)];
      // The sum of four threads is the row's: one of them begins with what was there.
      const float sum = static_cast<const float*>(c.running.row_sum.data)[statistic(c.running.row_sum, place, row)];
      state.sum[piece][half] = t == 0 ? sum : 0;
      if (!c.running.sums) return;
      const float* sums = static_cast<const float*>(c.running.sums.data) +
                          head_begin(c.running.sums, place.entry, place.head, kHeadDim, row) + 2 * t;
      HEADROOM_UNROLL
      for (int n = 0; n < kHeadDim / 8; ++n) {
        state.sums[piece][n][2 * half] = sums[8 * n];
        state.sums[piece][n][2 * half + 1] = sums[8 * n + 1];
      }
    });
  }

  HEADROOM_DEVICE void step(Thread& thread, State& state, const AttentionPlace& place, int query, int key,
                            int stage) const {
    Scores s = {};
    multiply_queries(thread, s, key_tile(thread, stage));
    if (c.geometry.mask.is_partial(query, kTile.queries, key, kKeys)) apply_mask(thread, s, query, key);
    soften(s, state, thread);
    if constexpr (kDropout) drop(thread, s, place, query, key);
    if (c.v) multiply_values(thread, state, s, value_tile(thread, stage));
  }

  /// s = q k^T.
  HEADROOM_DEVICE void multiply_queries(Thread& thread, Scores& s, const Tile& k) const {
    const Tile q = query_tile(thread);
    HEADROOM_UNROLL
    for (int column = 0; column < kHeadDim; column += 16) {
      Fragments<kPieces> a;
      HEADROOM_UNROLL
      for (int piece = 0; piece < kPieces; ++piece) {
        q.load_a(thread, a[piece], thread.warp() * kWarpQueries + 16 * piece, column);
      }
      multiply_rows<kPieces>(thread, s, a, k, column);
    }
  }

  HEADROOM_DEVICE void apply_mask(Thread& thread, Scores& s, int query, int key) const {
    const int column = key + thread.lane() % 4 * 2;
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      HEADROOM_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int row = first_row(thread, query) + 16 * piece + 8 * half;
        // One comparison for both ends: what lies in front of the first key wraps around.
        const int begin = c.geometry.mask.begin(row) - column;
        const auto read = static_cast<unsigned>(c.geometry.mask.limit(row) - column - begin);
        HEADROOM_UNROLL
        for (int n = 0; n < kKeys / 8; ++n) {
          if (static_cast<unsigned>(8 * n - begin) >= read) s[piece][n][2 * half] = kNoScore;
          if (static_cast<unsigned>(8 * n + 1 - begin) >= read) s[piece][n][2 * half + 1] = kNoScore;
        }
      }
    }
  }

  /// Scores become exp(scaled score - the maximum so far); what was summed before is scaled to the new maximum.
  HEADROOM_DEVICE void soften(Scores& s, State& state, Thread& thread) const {
    const float scale = c.geometry.scale;
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      HEADROOM_UNROLL
      for (int half = 0; half < 2; ++half) {
        float max = kNoScore;
        HEADROOM_UNROLL
        for (int n = 0; n < kKeys / 8; ++n) max = larger(max, larger(s[piece][n][2 * half], s[piece][n][2 * half + 1]));
        max = larger(state.max[piece][half], quad_max(thread, max) * scale);
        // Without any score so far everything is 0, whatever is subtracted.
        const float shift = max == kNoScore ? 0 : max * kLog2E;
        const float factor = fast_exp2(state.max[piece][half] * kLog2E - shift);
        float sum = state.sum[piece][half] * factor;
        HEADROOM_UNROLL
        for (int n = 0; n < kKeys / 8; ++n) {
          HEADROOM_UNROLL
          for (int i = 2 * half; i < 2 * half + 2; ++i) {
            s[piece][n][i] = fast_exp2(s[piece][n][i] * (scale * kLog2E) - shift);
            sum += s[piece][n][i];
          }
        }
        state.max[piece][half] = max;
        state.sum[piece][half] = sum;
        HEADROOM_UNROLL
        for (int n = 0; n < kHeadDim / 8; ++n) {
          state.sums[piece][n][2 * half] *= factor;
          state.sums[piece][n][2 * half + 1] *= factor;
        }
      }
    }
  }

  HEADROOM_DEVICE void drop(Thread& thread, Scores& s, const AttentionPlace& place, int query, int key) const {
    const ProbabilityDropout& dropout = c.geometry.dropout;
    const std::int64_t item = std::int64_t{place.entry} * c.geometry.heads + place.head;
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      HEADROOM_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int row = first_row(thread, query) + 16 * piece + 8 * half;
        const std::int64_t index = dropout.index(item, row, key + thread.lane() % 4 * 2);
        HEADROOM_UNROLL
        for (int n = 0; n < kKeys / 8; ++n) {
          HEADROOM_UNROLL
          for (int i = 0; i < 2; ++i) {
            float& value = s[piece][n][2 * half + i];
            value = dropout.keeps(index + 8 * n + i) ? value * dropout.scale : 0;
          }
        }
      }
    }
  }

  /// sums += s v.
  HEADROOM_DEVICE void multiply_values(Thread& thread, State& state, const Scores& s, const Tile& v) const {
    HEADROOM_UNROLL
    for (int n = 0; n < kKeys / 8; n += 2) {
      Fragments<kPieces> a;
      HEADROOM_UNROLL
      for (int piece = 0; piece < kPieces; ++piece) to_a(a[piece], s[piece][n], s[piece][n + 1]);
      multiply_columns<kPieces>(thread, state.sums, a, v, 8 * n);
    }
  }

  HEADROOM_DEVICE void finish(Thread& thread, State& state, const AttentionPlace& place) const {
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      HEADROOM_UNROLL
      for (int half = 0; half < 2; ++half) state.sum[piece][half] = quad_sum(thread, state.sum[piece][half]);
    }
    const bool keeps_running = static_cast<bool>(c.running.row_max);
    const View& values = keeps_running ? c.running.sums : c.out;
    for_each_row(thread, place.part * kTile.queries, [&](int piece, int half, int row) {
      const float sum = state.sum[piece][half];
      if (thread.lane() % 4 == 0) write_statistics(place, row, state.max[piece][half], sum);
      if (!values) return;
      const float factor = keeps_running ? 1 : sum > 0 ? 1 / sum : 0;
      store_row(thread, values, head_begin(values, place.entry, place.head, kHeadDim, row), state.sums[piece], half,
                factor, Write::set);
    });
  }
  HEADROOM_DEVICE void write_statistics(const AttentionPlace& place, int row, float max, float sum) const {
    if (c.lse) static_cast<float*>(c.lse.data)[statistic(c.lse, place, row)] = max + std::log(sum);
    if (!c.running.row_max) return;
    static_cast<float*>(c.running.row_max.data)[statistic(c.running.row_max, place, row)] = max;
    static_cast<float*>(c.running.row_sum.data)[statistic(c.running.row_sum, place, row)] = sum;
  }
};

}  // namespace headroom::kernels::cuda

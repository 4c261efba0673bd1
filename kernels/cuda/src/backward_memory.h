#pragma once

#include "attention_tiles.h"
#include "shared_tile.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// What the backward on tensor cores keeps in shared memory, one behind the other.
template <int kHeadDim>
struct BackwardMemory {
  static constexpr BackwardTile kTile = backward_tile(kHeadDim);
  static constexpr int kKeyBytes = 2 * kTile.keys * kHeadDim;
  static constexpr int kQueryBytes = 2 * kTile.queries * kHeadDim;
  static constexpr int kGradientsAt = kKeyBytes + 4 * kQueryBytes;
  static constexpr int kStatisticsAt = kGradientsAt + 2 * kTile.keys * kTile.queries;
  static_assert(kKeyBytes <= 4 * kQueryBytes, "the values pass through the memory of the queries");
  static_assert(kTile.shared_bytes(kHeadDim) <= 99 << 10);

  using Tile = SharedTile<kHeadDim>;
  using GradientTile = SharedTile<kTile.queries>;
  using Thread = simt::Thread;

  [[nodiscard]] HEADROOM_DEVICE static Tile keys(Thread& thread) { return at<Tile>(thread, 0); }
  /// Only until the first queries come.
  [[nodiscard]] HEADROOM_DEVICE static Tile values(Thread& thread) { return queries(thread, 0); }
  [[nodiscard]] HEADROOM_DEVICE static Tile queries(Thread& thread, int stage) {
    return at<Tile>(thread, kKeyBytes + stage * kQueryBytes);
  }
  [[nodiscard]] HEADROOM_DEVICE static Tile d_out(Thread& thread, int stage) { return queries(thread, stage + 2); }
  /// Rows are keys.
  [[nodiscard]] HEADROOM_DEVICE static GradientTile gradients(Thread& thread) {
    return at<GradientTile>(thread, kGradientsAt);
  }
  /// lse times log2(e) of each query.
  [[nodiscard]] HEADROOM_DEVICE static float* lse(Thread& thread, int stage) {
    return thread.template shared<float>(kStatisticsAt + stage * 8 * kTile.queries);
  }
  [[nodiscard]] HEADROOM_DEVICE static float* delta(Thread& thread, int stage) {
    return lse(thread, stage) + kTile.queries;
  }

 private:
  template <class Any>
  [[nodiscard]] HEADROOM_DEVICE static Any at(Thread& thread, int offset) {
    return Any(thread.template shared<unsigned char>(offset));
  }
};

}  // namespace headroom::kernels::cuda

#pragma once

#include <algorithm>
#include <cstdint>

#include "cuda_backend.h"
#include "simt/pack.h"

namespace headroom::kernels::cuda {

/// Where the sums of columns go: as many vectors as the terms are. The second may be empty.
struct ColumnTargets {
  View sums[2];
  Write write = Write::set;
};

/// Columns that a block sums, and the warps of the block, which take different rows.
inline constexpr int kSumColumns = 32 * simt::kPack;
inline constexpr int kSumWarps = 8;

/// Sums of columns over rows [part * rows / parts, (part + 1) * rows / parts): block x columns, y the part. What is
/// summed, Terms::kSums packs for each row and pack of columns, is terms(row, column, packs). Sums of one part go to
/// the targets, those of several to partial[part][sum][width].
template <class Terms>
struct ColumnSums {
  static constexpr int kThreads = 32 * kSumWarps;
  static constexpr int kMinBlocks = 1;
  static constexpr int kSharedBytes = kSumWarps * kSumColumns * 4;

  Terms terms;
  std::int64_t rows = 0;
  std::int64_t width = 0;
  ColumnTargets targets;
  float* partial = nullptr;

  HEADROOM_DEVICE void operator()(simt::Thread& thread) const {
    const std::int64_t part = thread.block().y, parts = thread.blocks().y;
    const std::int64_t column = thread.block().x * kSumColumns + thread.lane() * simt::kPack;
    simt::Pack sums[Terms::kSums];
    if (column < width) {
      const std::int64_t end = rows * (part + 1) / parts;
      for (std::int64_t row = rows * part / parts + thread.warp(); row < end; row += kSumWarps) {
        simt::Pack packs[Terms::kSums];
        terms(row, column, packs);
        HEADROOM_UNROLL
        for (int sum = 0; sum < Terms::kSums; ++sum) {
          HEADROOM_UNROLL
          for (int j = 0; j < simt::kPack; ++j) sums[sum].v[j] += packs[sum].v[j];
        }
      }
    }
    HEADROOM_UNROLL
    for (int sum = 0; sum < Terms::kSums; ++sum) over_warps(thread, sum, sums[sum]);
  }

  /// Thread t takes the block's column t.
  HEADROOM_DEVICE void over_warps(simt::Thread& thread, int sum, const simt::Pack& mine) const {
    static_assert(kThreads == kSumColumns);
    auto* shared = thread.shared<float>();  // [warp][column]
    HEADROOM_UNROLL
    for (int j = 0; j < simt::kPack; ++j) {
      shared[thread.warp() * kSumColumns + thread.lane() * simt::kPack + j] = mine.v[j];
    }
    thread.sync();
    float total = 0;
    for (int warp = 0; warp < kSumWarps; ++warp) total += shared[warp * kSumColumns + thread.thread()];
    thread.sync();
    const std::int64_t column = thread.block().x * kSumColumns + thread.thread();
    if (column < width) write(thread, sum, column, total);
  }

  HEADROOM_DEVICE void write(simt::Thread& thread, int sum, std::int64_t column, float total) const {
    if (thread.blocks().y > 1) {
      partial[(thread.block().y * Terms::kSums + sum) * width + column] = total;
    } else if (targets.sums[sum]) {
      simt::store(targets.sums[sum].type, targets.sums[sum].data, column, total, targets.write);
    }
  }
};

/// The targets take the sums of the parts.
struct PartSums {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  const float* partial = nullptr;  ///< [parts][sums][width]
  std::int64_t parts = 0;
  int sums = 0;
  std::int64_t width = 0;
  ColumnTargets targets;

  HEADROOM_DEVICE void operator()(simt::Thread& thread) const {
    const std::int64_t i = thread.block().x * kThreads + thread.thread();
    if (i >= sums * width) return;
    const int sum = i < width ? 0 : 1;
    float total = 0;
    for (std::int64_t part = 0; part < parts; ++part) total += partial[part * sums * width + i];
    const View& to = targets.sums[sum];
    if (to) simt::store(to.type, to.data, i - sum * width, total, targets.write);
  }
};

/// Sums over all rows, in the same order each time. Rows are shared out among blocks as far as there are enough of
/// them and the scratch memory goes.
template <class Terms>
void sum_columns(simt::Stream stream, const Scratch& scratch, const Terms& terms, std::int64_t rows, std::int64_t width,
                 const ColumnTargets& targets) {
  static_assert(Terms::kSums <= 2);
  constexpr std::int64_t kRowsOfPart = 64, kMostParts = 256;
  const std::int64_t room = scratch.floats / (Terms::kSums * std::max<std::int64_t>(width, 1));
  const std::int64_t parts =
      std::clamp<std::int64_t>(rows / kRowsOfPart, 1, std::clamp<std::int64_t>(room, 1, kMostParts));
  simt::launch(
      stream,
      {{simt::parts_of(width, kSumColumns), parts, 1}, ColumnSums<Terms>::kThreads, ColumnSums<Terms>::kSharedBytes},
      ColumnSums<Terms>{terms, rows, width, targets, scratch.data});
  if (parts == 1) return;
  simt::launch(stream, {{simt::parts_of(Terms::kSums * width, PartSums::kThreads), 1, 1}, PartSums::kThreads, 0},
               PartSums{scratch.data, parts, Terms::kSums, width, targets});
}

}  // namespace headroom::kernels::cuda

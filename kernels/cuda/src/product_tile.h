#pragma once

#include <cstdint>

#include "products.h"
#include "simt/element.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

inline constexpr int kTile = 64;       ///< rows and columns of the output that a block computes
inline constexpr int kTileDepth = 16;  ///< of the inner dimension at a time
inline constexpr int kTileEach = 4;    ///< rows and columns of the output that a thread computes
inline constexpr int kTileThreads = (kTile / kTileEach) * (kTile / kTileEach);
inline constexpr int kTileOperandBytes = kTileDepth * kTile * 4;
inline constexpr int kTileBytes = 2 * kTileOperandBytes;  ///< of shared memory

/// Element (i, j) of matrix `item`, 0 outside.
[[nodiscard]] HEADROOM_HD inline float element_of(const ConstMatrix& m, std::int64_t item, std::int64_t i,
                                                  std::int64_t j, std::int64_t rows, std::int64_t columns) {
  if (i >= rows || j >= columns) return 0;
  const std::int64_t at = m.transposed ? j * m.row_step + i : i * m.row_step + j;
  return simt::load(m.type, m.data, item * m.batch_step + at);
}

/// A thread's part of a tile takes its place in the output.
HEADROOM_DEVICE inline void write_tile(const MatrixProduct& p, std::int64_t item, std::int64_t row, std::int64_t column,
                                       const float (&sum)[kTileEach][kTileEach]) {
  for (int i = 0; i < kTileEach; ++i) {
    for (int j = 0; j < kTileEach; ++j) {
      if (row + i >= p.m || column + j >= p.n) continue;
      const std::int64_t at = item * p.out.batch_step + (row + i) * p.out.row_step + column + j;
      const float bias = p.bias ? simt::load(p.bias.type, p.bias.data, column + j) : 0;
      simt::store(p.out.type, p.out.data, at, p.scale * sum[i][j] + bias, p.write);
    }
  }
}

/// The kTile x kTile elements of matrix `item` from (row, column) on, by the kTileThreads threads of a block and
/// kTileBytes of shared memory, free again behind the call.
HEADROOM_DEVICE inline void product_tile(simt::Thread& thread, const MatrixProduct& p, std::int64_t item,
                                         std::int64_t row, std::int64_t column) {
  float* a = thread.shared<float>();                   // [kTileDepth][kTile]
  float* b = thread.shared<float>(kTileOperandBytes);  // [kTileDepth][kTile]
  const int y = thread.thread() / (kTile / kTileEach) * kTileEach;
  const int x = thread.thread() % (kTile / kTileEach) * kTileEach;
  float sum[kTileEach][kTileEach] = {};
  for (std::int64_t k = 0; k < p.k; k += kTileDepth) {
    for (int i = thread.thread(); i < kTileDepth * kTile; i += kTileThreads) {
      a[i] = element_of(p.a, item, row + i % kTile, k + i / kTile, p.m, p.k);
      b[i] = element_of(p.b, item, k + i / kTile, column + i % kTile, p.k, p.n);
    }
    thread.sync();
    for (int depth = 0; depth < kTileDepth; ++depth) {
      HEADROOM_UNROLL
      for (int i = 0; i < kTileEach; ++i) {
        HEADROOM_UNROLL
        for (int j = 0; j < kTileEach; ++j) sum[i][j] += a[depth * kTile + y + i] * b[depth * kTile + x + j];
      }
    }
    thread.sync();
  }
  write_tile(p, item, row + y, column + x, sum);
}

}  // namespace headroom::kernels::cuda

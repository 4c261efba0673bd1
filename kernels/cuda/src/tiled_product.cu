#include "tiled_product.h"

#include <algorithm>

#include "simt/element.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

constexpr int kTile = 64;   ///< rows and columns of the output that a block computes
constexpr int kDepth = 16;  ///< of the inner dimension at a time
constexpr int kEach = 4;    ///< rows and columns of the output that a thread computes
constexpr std::int64_t kMostInZ = 65535;

/// Blocks (x: columns, y: rows, both strided; z: matrices, strided) of kTile x kTile elements.
struct TiledProduct {
  static constexpr int kThreads = (kTile / kEach) * (kTile / kEach);
  static constexpr int kMinBlocks = 2;

  MatrixProduct p;

  /// Element (i, j) of matrix `item`, 0 outside.
  [[nodiscard]] HEADROOM_HD static float element(const ConstMatrix& m, std::int64_t item, std::int64_t i,
                                                 std::int64_t j, std::int64_t rows, std::int64_t columns) {
    if (i >= rows || j >= columns) return 0;
    const std::int64_t at = m.transposed ? j * m.row_step + i : i * m.row_step + j;
    return simt::load(m.type, m.data, item * m.batch_step + at);
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t item = thread.block().z; item < p.count; item += thread.blocks().z) {
      for (std::int64_t row = thread.block().y * kTile; row < p.m; row += thread.blocks().y * kTile) {
        tile(thread, item, row, thread.block().x * kTile);
      }
    }
  }

  HEADROOM_DEVICE void tile(Thread& thread, std::int64_t item, std::int64_t row, std::int64_t column) const {
    float* a = thread.shared<float>();                              // [kDepth][kTile]
    float* b = thread.shared<float>(kDepth * kTile * kFloatBytes);  // [kDepth][kTile]
    const int y = thread.thread() / (kTile / kEach) * kEach, x = thread.thread() % (kTile / kEach) * kEach;
    float sum[kEach][kEach] = {};
    for (std::int64_t k = 0; k < p.k; k += kDepth) {
      for (int i = thread.thread(); i < kDepth * kTile; i += kThreads) {
        a[i] = element(p.a, item, row + i % kTile, k + i / kTile, p.m, p.k);
        b[i] = element(p.b, item, k + i / kTile, column + i % kTile, p.k, p.n);
      }
      thread.sync();
      for (int depth = 0; depth < kDepth; ++depth) {
        HEADROOM_UNROLL
        for (int i = 0; i < kEach; ++i) {
          HEADROOM_UNROLL
          for (int j = 0; j < kEach; ++j) sum[i][j] += a[depth * kTile + y + i] * b[depth * kTile + x + j];
        }
      }
      thread.sync();
    }
    for (int i = 0; i < kEach; ++i) {
      for (int j = 0; j < kEach; ++j) {
        if (row + y + i >= p.m || column + x + j >= p.n) continue;
        const std::int64_t at = item * p.out.batch_step + (row + y + i) * p.out.row_step + column + x + j;
        const float bias = p.bias ? simt::load(p.bias.type, p.bias.data, column + x + j) : 0;
        simt::store(p.out.type, p.out.data, at, p.scale * sum[i][j] + bias, p.write);
      }
    }
  }

  static constexpr int kFloatBytes = 4;
  static constexpr int kSharedBytes = 2 * kDepth * kTile * kFloatBytes;
};

}  // namespace

void tiled_product(simt::Stream stream, const MatrixProduct& product) {
  const simt::GridIndex blocks{simt::parts_of(product.n, kTile), std::min(simt::parts_of(product.m, kTile), kMostInZ),
                               std::min(product.count, kMostInZ)};
  simt::launch(stream, {blocks, TiledProduct::kThreads, TiledProduct::kSharedBytes}, TiledProduct{product});
}

}  // namespace headroom::kernels::cuda

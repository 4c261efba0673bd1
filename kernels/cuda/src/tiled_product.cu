#include "tiled_product.h"

#include <algorithm>

#include "product_tile.h"

namespace headroom::kernels::cuda {

namespace {

constexpr std::int64_t kMostInZ = 65535;

/// Blocks (x: columns, y: rows, both strided; z: matrices, strided) of kTile x kTile elements.
struct TiledProduct {
  static constexpr int kThreads = kTileThreads;
  static constexpr int kMinBlocks = 2;

  MatrixProduct p;

  HEADROOM_DEVICE void operator()(simt::Thread& thread) const {
    for (std::int64_t item = thread.block().z; item < p.count; item += thread.blocks().z) {
      for (std::int64_t row = thread.block().y * kTile; row < p.m; row += thread.blocks().y * kTile) {
        product_tile(thread, p, item, row, thread.block().x * kTile);
      }
    }
  }
};

}  // namespace

void tiled_product(simt::Stream stream, const MatrixProduct& product) {
  const simt::GridIndex blocks{simt::parts_of(product.n, kTile), std::min(simt::parts_of(product.m, kTile), kMostInZ),
                               std::min(product.count, kMostInZ)};
  simt::launch(stream, {blocks, TiledProduct::kThreads, kTileBytes}, TiledProduct{product});
}

}  // namespace headroom::kernels::cuda

#pragma once

#include <cstddef>
#include <cstdint>

#include "simt/element.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

// Products of pieces of 16 rows, their A fragments in registers, with a tile in shared memory. Each fragment of the
// tile is read once for all pieces.

/// sums[piece] += a[piece] tile^T over columns [column, column + 16) of the tile.
template <int kPieces, std::size_t kCount, class Tile>
HEADROOM_DEVICE void multiply_rows(simt::Thread& thread, float (*sums)[kCount][4], const std::uint32_t (*a)[4],
                                   const Tile& tile, int column) {
  HEADROOM_UNROLL
  for (int n = 0; n < static_cast<int>(kCount); n += 2) {
    std::uint32_t b[2][2];
    tile.load_b(thread, b, 8 * n, column);
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      thread.multiply_add(sums[piece][n], a[piece], b[0]);
      thread.multiply_add(sums[piece][n + 1], a[piece], b[1]);
    }
  }
}

/// sums[piece] += a[piece] tile over rows [row, row + 16) of the tile.
template <int kPieces, std::size_t kCount, class Tile>
HEADROOM_DEVICE void multiply_columns(simt::Thread& thread, float (*sums)[kCount][4], const std::uint32_t (*a)[4],
                                      const Tile& tile, int row) {
  HEADROOM_UNROLL
  for (int n = 0; n < static_cast<int>(kCount); n += 2) {
    std::uint32_t b[2][2];
    tile.load_b_transposed(thread, b, row, 8 * n);
    HEADROOM_UNROLL
    for (int piece = 0; piece < kPieces; ++piece) {
      thread.multiply_add(sums[piece][n], a[piece], b[0]);
      thread.multiply_add(sums[piece][n + 1], a[piece], b[1]);
    }
  }
}

/// Writes a thread's part of one row of sums, of the upper (half 0) or the lower 8 rows of a piece; `begin` is the
/// element where the row begins.
template <std::size_t kCount>
HEADROOM_DEVICE void store_row(simt::Thread& thread, const View& to, std::int64_t begin, const float (&sums)[kCount][4],
                               int half, float factor, Write how) {
  begin += thread.lane() % 4 * 2;
  HEADROOM_UNROLL
  for (int n = 0; n < static_cast<int>(kCount); ++n) {
    simt::store_pair(to.type, to.data, begin + 8 * n, sums[n][2 * half] * factor, sums[n][2 * half + 1] * factor, how);
  }
}

}  // namespace headroom::kernels::cuda

#pragma once

#include <cstdint>

#include "simt/element.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

inline constexpr int kGeneralTile = 64;      ///< rows and columns of a tile
inline constexpr int kGeneralThreads = 256;  ///< 16 x 16, each with 4 x 4 elements of a tile
inline constexpr int kGeneralEach = 4;

/// Elements of a tile that one thread sums: rows thread / 16 + 16 i, columns thread % 16 + 16 j.
using GeneralSums = float[kGeneralEach][kGeneralEach];

/// A tile of fp32 in shared memory, its rows a word longer than their elements so that a column meets every bank.
class GeneralTile {
 public:
  static constexpr int kPitch = kGeneralTile + 1;
  static constexpr int kBytes = kGeneralTile * kPitch * 4;

  HEADROOM_DEVICE GeneralTile(simt::Thread& thread, int number) : data_(thread.shared<float>(number * kBytes)) {}

  [[nodiscard]] HEADROOM_DEVICE float& at(int row, int column) const { return data_[row * kPitch + column]; }

  /// Takes rows [0, rows) and columns [0, columns) of a matrix that begins at element `begin`, zeros outside.
  HEADROOM_DEVICE void take(simt::Thread& thread, const ConstView& from, std::int64_t begin, int rows,
                            int columns) const {
    for (int i = thread.thread(); i < kGeneralTile * kGeneralTile; i += kGeneralThreads) {
      const int row = i / kGeneralTile, column = i % kGeneralTile;
      const bool inside = row < rows && column < columns;
      at(row, column) = inside ? simt::load(from.type, from.data, begin + row * from.width + column) : 0;
    }
  }

  /// A tile as one side of a product: element (i, k) lies at i * kStep + k * kDepthStep.
  template <int kStep, int kDepthStep>
  struct Side {
    const float* data;

    [[nodiscard]] HEADROOM_DEVICE float at(int i, int k) const { return data[i * kStep + k * kDepthStep]; }
  };
  [[nodiscard]] HEADROOM_DEVICE Side<kPitch, 1> rows() const { return {data_}; }
  [[nodiscard]] HEADROOM_DEVICE Side<1, kPitch> columns() const { return {data_}; }

 private:
  float* data_;
};

/// body(i, j, row, column) over a thread's elements.
template <class Body>
HEADROOM_DEVICE void for_each_sum(simt::Thread& thread, const Body& body) {
  HEADROOM_UNROLL
  for (int i = 0; i < kGeneralEach; ++i) {
    HEADROOM_UNROLL
    for (int j = 0; j < kGeneralEach; ++j) {
      body(i, j, thread.thread() / 16 + 16 * i, thread.thread() % 16 + 16 * j);
    }
  }
}

/// sums[i, j] += the sum over k < depth of a[i, k] b[j, k].
template <class Left, class Right>
HEADROOM_DEVICE void add_product(simt::Thread& thread, GeneralSums& sums, const Left& a, const Right& b, int depth) {
  const int row = thread.thread() / 16, column = thread.thread() % 16;
  GeneralSums own = {};  // tiles cannot alias these
  for (int k = 0; k < depth; ++k) {
    HEADROOM_UNROLL
    for (int i = 0; i < kGeneralEach; ++i) {
      HEADROOM_UNROLL
      for (int j = 0; j < kGeneralEach; ++j) own[i][j] += a.at(row + 16 * i, k) * b.at(column + 16 * j, k);
    }
  }
  HEADROOM_UNROLL
  for (int i = 0; i < kGeneralEach; ++i) {
    HEADROOM_UNROLL
    for (int j = 0; j < kGeneralEach; ++j) sums[i][j] += own[i][j];
  }
}

/// Where a tile of some rows of one head begins, and how much of it there is.
struct GeneralRows {
  ConstView view;
  int entry = 0;
  int head = 0;
  int row = 0;
  int rows = 0;  ///< from `row` on
};

/// A head's columns from `column` on.
HEADROOM_DEVICE inline void take_columns(simt::Thread& thread, const GeneralTile& tile, const GeneralRows& rows,
                                         int head_dim, int column) {
  const std::int64_t begin =
      simt::row_begin(rows.view, rows.entry, rows.row) + std::int64_t{rows.head} * head_dim + column;
  tile.take(thread, rows.view, begin, rows.rows, head_dim - column);
}

/// sums += a b^T over all columns of two heads, passing through two tiles.
HEADROOM_DEVICE inline void add_product_of_rows(simt::Thread& thread, GeneralSums& sums, const GeneralRows& a,
                                                const GeneralRows& b, int head_dim, const GeneralTile& a_tile,
                                                const GeneralTile& b_tile) {
  for (int column = 0; column < head_dim; column += kGeneralTile) {
    thread.sync();
    take_columns(thread, a_tile, a, head_dim, column);
    take_columns(thread, b_tile, b, head_dim, column);
    thread.sync();
    const int depth = head_dim - column < kGeneralTile ? head_dim - column : kGeneralTile;
    add_product(thread, sums, a_tile.rows(), b_tile.rows(), depth);
  }
}

}  // namespace headroom::kernels::cuda

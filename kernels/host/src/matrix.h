#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

#include "scratch.h"

namespace headroom::kernels::host {

/// A matrix to read, one of its strides 1. Strides in elements.
struct Matrix {
  const void* data = nullptr;
  Type type = Type::fp32;
  std::int64_t row_stride = 1;
  std::int64_t column_stride = 1;

  [[nodiscard]] Matrix transposed() const { return {data, type, column_stride, row_stride}; }
  /// The same from another first element on.
  [[nodiscard]] Matrix from(std::int64_t row, std::int64_t column) const;
};

/// A row-major matrix in fp32 to add to.
struct Sums {
  float* data = nullptr;
  std::int64_t stride = 1;

  [[nodiscard]] Sums from(std::int64_t row, std::int64_t column) const {
    return {data + row * stride + column, stride};
  }
  [[nodiscard]] float* row(std::int64_t i) const { return data + i * stride; }
  [[nodiscard]] Matrix matrix() const { return {data, Type::fp32, stride, 1}; }
};

/// Rows of one entry of a view as a matrix, from `column` on.
[[nodiscard]] Matrix matrix_of(const ConstView& v, std::int64_t entry, std::int64_t row, std::int64_t column);

/// Floats that a widened copy of rows x columns takes, 0 for fp32.
[[nodiscard]] inline std::int64_t widened_size(Type type, std::int64_t rows, std::int64_t columns) {
  return type == Type::fp32 ? 0 : rows * columns;
}

/// rows x columns as fp32: itself if it is, else a copy in `buffer` (rows * columns floats).
[[nodiscard]] Matrix widened(const Matrix& m, std::int64_t rows, std::int64_t columns, float* buffer);

/// rows x columns zeros.
void clear(const Sums& sums, std::int64_t rows, std::int64_t columns);

/// sums[m,n] += scale a[m,k] b[k,n]; a and b fp32. Never allocates on the heap.
void add_product(const Sums& sums, const Matrix& a, const Matrix& b, std::int64_t m, std::int64_t n, std::int64_t k,
                 float scale);

/// Largest tile of add_tile.
inline constexpr std::int64_t kTileRows = 128;
inline constexpr std::int64_t kTileColumns = 256;
/// Depth that operands are widened at once.
inline constexpr std::int64_t kTileDepth = 256;

/// The same for operands of any floating type, which are widened panel by panel.
class TileProduct {
 public:
  TileProduct(Type a, Type b, Scratch& scratch)
      : a_(scratch.take(widened_size(a, kTileRows, kTileDepth))),
        b_(scratch.take(widened_size(b, kTileDepth, kTileColumns))) {}

  /// sums[m,n] += scale a b; m <= kTileRows, n <= kTileColumns.
  void add(const Sums& sums, const Matrix& a, const Matrix& b, std::int64_t m, std::int64_t n, std::int64_t k,
           float scale) const;

 private:
  float* a_;
  float* b_;
};

}  // namespace headroom::kernels::host

#include "matrix.h"

#include <algorithm>

#include <Eigen/Core>

#include "loops.h"
#include "storage.h"

namespace headroom::kernels::host {

namespace {

/// Eigen packs blocks of this size on the stack: 4 bytes * 128 * 256 is its limit (EIGEN_STACK_ALLOCATION_LIMIT).
constexpr std::int64_t kBlock = 128;
constexpr std::int64_t kBlockDepth = 256;

template <int Order>
using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Order>;
template <int Order>
using ConstBlock = Eigen::Map<const Dense<Order>, 0, Eigen::OuterStride<>>;
using Block = Eigen::Map<Dense<Eigen::RowMajor>, 0, Eigen::OuterStride<>>;

template <int Order>
ConstBlock<Order> block(const Matrix& m, std::int64_t rows, std::int64_t columns) {
  const std::int64_t stride = Order == Eigen::RowMajor ? m.row_stride : m.column_stride;
  return {static_cast<const float*>(m.data), rows, columns, Eigen::OuterStride<>(stride)};
}

/// Calls body with the block as an Eigen map of its storage order.
template <class Body>
void with_order(const Matrix& m, std::int64_t rows, std::int64_t columns, const Body& body) {
  if (m.column_stride == 1) {
    body(block<Eigen::RowMajor>(m, rows, columns));
  } else {
    body(block<Eigen::ColMajor>(m, rows, columns));
  }
}

void add_block(const Sums& sums, const Matrix& a, const Matrix& b, std::int64_t m, std::int64_t n, std::int64_t k,
               float scale) {
  Block out(sums.data, m, n, Eigen::OuterStride<>(sums.stride));
  with_order(a, m, k, [&](const auto& left) {
    with_order(b, k, n, [&](const auto& right) { out.noalias() += scale * left * right; });
  });
}

}  // namespace

Matrix Matrix::from(std::int64_t row, std::int64_t column) const {
  const std::int64_t offset = (row * row_stride + column * column_stride) * size_of(type);
  return {static_cast<const std::byte*>(data) + offset, type, row_stride, column_stride};
}

Matrix matrix_of(const ConstView& v, std::int64_t entry, std::int64_t row, std::int64_t column) {
  return Matrix{v.data, v.type, v.width, 1}.from(0, entry * v.batch_stride + row * v.width + column);
}

Matrix widened(const Matrix& m, std::int64_t rows, std::int64_t columns, float* buffer) {
  if (m.type == Type::fp32) return m;
  if (m.column_stride != 1) return widened(m.transposed(), columns, rows, buffer).transposed();
  for (std::int64_t i = 0; i < rows; ++i) {
    (void)read(m.type, m.data, i * m.row_stride, columns, buffer + i * columns);
  }
  return {buffer, Type::fp32, columns, 1};
}

void clear(const Sums& sums, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t i = 0; i < rows; ++i) std::fill_n(sums.row(i), columns, 0.0F);
}

void add_product(const Sums& sums, const Matrix& a, const Matrix& b, std::int64_t m, std::int64_t n, std::int64_t k,
                 float scale) {
  for_each_step(0, m, kBlock, [&](std::int64_t i, std::int64_t rows) {
    for_each_step(0, n, kBlock, [&](std::int64_t j, std::int64_t columns) {
      for_each_step(0, k, kBlockDepth, [&](std::int64_t l, std::int64_t depth) {
        add_block(sums.from(i, j), a.from(i, l), b.from(l, j), rows, columns, depth, scale);
      });
    });
  });
}

void TileProduct::add(const Sums& sums, const Matrix& a, const Matrix& b, std::int64_t m, std::int64_t n,
                      std::int64_t k, float scale) const {
  for_each_step(0, k, kTileDepth, [&](std::int64_t l, std::int64_t depth) {
    add_product(sums, widened(a.from(0, l), m, depth, a_), widened(b.from(l, 0), depth, n, b_), m, n, depth, scale);
  });
}

}  // namespace headroom::kernels::host

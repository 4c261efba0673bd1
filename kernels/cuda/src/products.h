#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

namespace headroom::kernels::cuda {

/// A matrix, or a batch of them with equal steps, as a product reads it: element (i, j) of matrix n lies at
/// n * batch_step + i * row_step + j, or with i and j exchanged where it is read transposed.
template <class Void>
struct BasicMatrix {
  Void* data = nullptr;
  Type type = Type::fp32;
  std::int64_t row_step = 0;
  std::int64_t batch_step = 0;  ///< 0: the same matrix for all
  bool transposed = false;

  [[nodiscard]] BasicMatrix t() const { return {data, type, row_step, batch_step, !transposed}; }
};

using Matrix = BasicMatrix<void>;
using ConstMatrix = BasicMatrix<const void>;

/// out[m,n] = scale * a[m,k] b[k,n] + bias[n], or += that, `count` times. Sums are fp32, rounded once.
struct MatrixProduct {
  Matrix out;  ///< not transposed
  ConstMatrix a;
  ConstMatrix b;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t count = 1;
  float scale = 1;
  Write write = Write::set;
  ConstView bias;  ///< optional
};

/// What multiplies matrices: cuBLASLt on the device; our own tiled kernel for mixed types and in the emulator.
class Products {
 public:
  Products() = default;
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;
  virtual ~Products() = default;

  virtual void multiply(const MatrixProduct& product) = 0;
};

}  // namespace headroom::kernels::cuda

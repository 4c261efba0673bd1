#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

#include "matrix.h"

namespace headroom::kernels::host {

/// Where a product goes: row-major, of any floating type.
struct OutMatrix {
  void* data = nullptr;
  Type type = Type::fp32;
  std::int64_t row_stride = 1;
};

/// One term a[m,k] b[k,n] of a product.
struct Factors {
  Matrix a;
  Matrix b;
};

/// `count` products of one shape, each the sum of `terms` terms, plus a bias.
struct Products {
  std::int64_t count = 1;
  std::int64_t terms = 1;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  float scale = 1;
  Write write = Write::set;
  ConstView bias;
};

/// Rows of one entry of a view as an output, from `column` on.
[[nodiscard]] OutMatrix out_of(const View& v, std::int64_t entry, std::int64_t column);

}  // namespace headroom::kernels::host

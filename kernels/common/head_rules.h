#pragma once

#include <headroom/kernels/heads.h>

#include "check.h"

// What the operations on stretches of heads ask of their operands, on every backend.
namespace headroom::kernels {

inline void check_stretch(const ConstView& x, const HeadStretch& stretch, const char* operation) {
  require_floating(operation, x);
  require(x.width == stretch.heads * stretch.head_dim, operation, "the rows are not as wide as the heads");
  require(stretch.first >= 0 && stretch.dim >= 0 && stretch.dim <= stretch.head_dim - stretch.first, operation,
          "the stretch is no part of a head");
}

inline void check_copy_heads(const ConstView& out, const HeadStretch& to, const ConstView& x, const HeadStretch& from) {
  check_stretch(out, to, "copy_heads");
  check_stretch(x, from, "copy_heads");
  require(out.batch == x.batch && out.rows == x.rows, "copy_heads", "out and x differ in their rows");
  require(from.dim == to.dim, "copy_heads", "the stretches differ in length");
  require(from.heads == to.heads || from.heads == 1, "copy_heads", "x has neither one head nor as many as out");
}

inline void check_sum_heads(const ConstView& out, const ConstView& x, const HeadStretch& from) {
  require_floating("sum_heads", out);
  check_stretch(x, from, "sum_heads");
  require_shape(out, x.batch, x.rows, from.dim, "sum_heads", "out is not [batch, rows, length of the stretch]");
}

/// Of head_product; `w` may be read transposed.
inline void check_head_product(const ConstView& out, const HeadStretch& to, const ConstView& x, const HeadStretch& from,
                               const ConstView& w, bool transposed) {
  constexpr const char* kName = "head_product";
  check_stretch(out, to, kName);
  check_stretch(x, from, kName);
  require_floating(kName, w);
  require(out.batch == x.batch && out.rows == x.rows, kName, "out and x differ in their rows");
  require(from.heads == to.heads, kName, "x and out differ in heads");
  const std::int64_t rows = transposed ? to.dim : from.dim, columns = transposed ? from.dim : to.dim;
  require_shape(w, 1, rows, to.heads * columns, kName, "w has not the stretches' lengths as rows and columns of heads");
}

}  // namespace headroom::kernels

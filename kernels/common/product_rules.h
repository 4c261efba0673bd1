#pragma once

#include "check.h"

// What products and their gradients ask of their operands, on every backend.
namespace headroom::kernels {

/// Of product, and of product_transposed where the weight is read transposed.
inline void check_linear(const ConstView& out, const ConstView& x, const ConstView& w, const ConstView& bias,
                         bool transposed) {
  const std::int64_t in = transposed ? w.width : w.rows, wide = transposed ? w.rows : w.width;
  require_floating("product", out, x, w, bias);
  require(w.batch == 1, "product", "a weight is a batch of one");
  require(x.width == in, "product", "x and w do not fit");
  require_shape(out, x.batch, x.rows, wide, "product", "out does not have the shape of the product");
  if (bias) require_shape(bias, 1, 1, wide, "product", "the bias is no vector of the product's width");
}

inline void check_weight_gradient(const ConstView& dw, const ConstView& x, const ConstView& dy) {
  require_floating("weight_gradient", dw, x, dy);
  require(x.batch == dy.batch && x.rows == dy.rows, "weight_gradient", "x and dy differ in rows");
  require_shape(dw, 1, x.width, dy.width, "weight_gradient", "dw does not have the shape of the weight");
}

inline void check_bias_gradient(const ConstView& db, const ConstView& dy) {
  require_floating("bias_gradient", db, dy);
  require_shape(db, 1, 1, dy.width, "bias_gradient", "db is no vector of dy's width");
}

/// Whether the batch entries lie one behind the other, so that they are one matrix of all rows.
[[nodiscard]] inline bool is_one_matrix(const ConstView& v) {
  return v.batch == 1 || v.batch_stride == v.rows * v.width;
}

}  // namespace headroom::kernels

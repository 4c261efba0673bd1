#pragma once

#include <headroom/kernels/backend.h>

#include "check.h"

// What the elementwise operations ask of their operands, on every backend.
namespace headroom::kernels {

inline void check_add(const ConstView& x, const ConstView& y) {
  require_floating("add", x, y);
  require_same_shape(x, y, "add", "x and y differ in shape");
}

inline void check_convert(const ConstView& out, const ConstView& x) {
  require_floating("convert", out, x);
  require_same_shape(out, x, "convert", "out and x differ in shape");
}

/// Of activation and activation_backward.
inline void check_activation(ActivationKind kind, const ConstView& out, const ConstView& gate, const ConstView& up,
                             const char* operation) {
  require_floating(operation, out, gate, up);
  require_same_shape(out, up, operation, "out and up differ in shape");
  require(static_cast<bool>(gate) == is_gated(kind), operation, "a gate is given exactly where the activation has one");
  if (gate) require_same_shape(gate, up, operation, "gate and up differ in shape");
}

inline void check_rope(const ConstView& x, const Rotary& rotary) {
  require_floating("rope", x);
  require(x.width == rotary.heads * rotary.head_dim, "rope", "the rows are not as wide as the heads");
  require(rotary.first >= 0 && rotary.dim >= 0 && rotary.dim <= rotary.head_dim - rotary.first, "rope",
          "what is rotated is no part of a head");
}

inline void check_mask(const ConstView& mask, const ConstView& x, const char* operation) {
  require(mask.type == Type::uint8, operation, "the mask is not uint8");
  require_same_shape(mask, x, operation, "the mask and the tensor differ in shape");
}

inline void check_dropout(const ConstView& out, const ConstView& mask, const ConstView& x) {
  require_floating("dropout", out, x);
  require_same_shape(out, x, "dropout", "out and x differ in shape");
  require(static_cast<bool>(out) == static_cast<bool>(x), "dropout", "out and x go together");
  if (mask && x) check_mask(mask, x, "dropout");
  if (mask && !x) check_mask(mask, mask, "dropout");
}

inline void check_dropout_backward(const ConstView& dx, const ConstView& dy, const ConstView& mask) {
  require_floating("dropout_backward", dx, dy);
  require_same_shape(dx, dy, "dropout_backward", "dx and dy differ in shape");
  check_mask(mask, dy, "dropout_backward");
}

}  // namespace headroom::kernels

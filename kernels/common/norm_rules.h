#pragma once

#include <headroom/kernels/backend.h>

#include "check.h"

// What norms ask of their operands, on every backend.
namespace headroom::kernels {

/// LayerNorm: mean and inverse deviation; RMSNorm: inverse root mean square.
[[nodiscard]] constexpr std::int64_t statistics_width(NormKind kind) { return kind == NormKind::layernorm ? 2 : 1; }

inline void check_norm_vectors(const ConstView& x, const ConstView& gain, const ConstView& bias,
                               const char* operation) {
  require_shape(gain, 1, 1, x.width, operation, "the gain is no vector of the rows' width");
  if (bias) require_shape(bias, 1, 1, x.width, operation, "the bias is no vector of the rows' width");
}

inline void check_norm_statistics(NormKind kind, const ConstView& statistics, const ConstView& x,
                                  const char* operation) {
  require_fp32(statistics, operation, "the statistics are not fp32");
  require_shape(statistics, x.batch, x.rows, statistics_width(kind), operation,
                "the statistics differ in shape from the rows");
}

inline void check_norm(NormKind kind, const ConstView& out, const ConstView& statistics, const ConstView& x,
                       const ConstView& gain, const ConstView& bias) {
  require_floating("norm", out, x, gain, bias);
  if (out) require_same_shape(out, x, "norm", "out and x differ in shape");
  check_norm_vectors(x, gain, bias, "norm");
  if (statistics) check_norm_statistics(kind, statistics, x, "norm");
}

inline void check_norm_backward(NormKind kind, const ConstView& dx, const ConstView& d_gain, const ConstView& d_bias,
                                const ConstView& d_out, const ConstView& x, const ConstView& statistics,
                                const ConstView& gain) {
  require_floating("norm_backward", dx, d_gain, d_bias, d_out, x, gain);
  require_same_shape(dx, x, "norm_backward", "dx and x differ in shape");
  require_same_shape(d_out, x, "norm_backward", "d_out and x differ in shape");
  check_norm_vectors(x, d_gain, d_bias, "norm_backward");
  check_norm_vectors(x, gain, {}, "norm_backward");
  check_norm_statistics(kind, statistics, x, "norm_backward");
}

}  // namespace headroom::kernels

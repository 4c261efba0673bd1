#pragma once

#include <headroom/kernels/backend.h>

#include "check.h"

// What optimizer steps ask of their operands, on every backend.
namespace headroom::kernels {

inline void check_step(const ConstView& parameter, const ConstView& master, const ConstView& gradient,
                       const char* operation) {
  require_floating(operation, parameter, gradient);
  require_same_shape(gradient, parameter, operation, "the gradient and the parameter differ in shape");
  if (!master) return;
  require_fp32(master, operation, "the master copy is not fp32");
  require_same_shape(master, parameter, operation, "the master copy and the parameter differ in shape");
}

inline void check_adamw(const ConstView& parameter, const ConstView& master, const ConstView& first_moment,
                        const ConstView& second_moment, const ConstView& gradient, const AdamW& settings) {
  check_step(parameter, master, gradient, "adamw");
  require_floating("adamw", first_moment, second_moment);
  require_same_shape(first_moment, parameter, "adamw", "the first moment and the parameter differ in shape");
  require_same_shape(second_moment, parameter, "adamw", "the second moment and the parameter differ in shape");
  require(settings.step >= 1, "adamw", "steps count from 1");
}

}  // namespace headroom::kernels

#pragma once

#include <cmath>

#include <headroom/kernels/optimizer.h>

#include "check.h"

// What optimizer steps ask of their operands, on every backend, and what all elements of a step share.
namespace headroom::kernels {

inline void check_step(const ConstView& parameter, const ConstView& master, const ConstView& gradient,
                       const char* operation) {
  require_floating(operation, parameter, gradient);
  require_same_shape(gradient, parameter, operation, "the gradient and the parameter differ in shape");
  if (!master) return;
  require_fp32(master, operation, "the master copy is not fp32");
  require_same_shape(master, parameter, operation, "the master copy and the parameter differ in shape");
}

inline void check_momentum(const ConstView& momentum, const ConstView& parameter, const char* operation) {
  if (!momentum) return;
  require_floating(operation, momentum);
  require_same_shape(momentum, parameter, operation, "the momentum and the parameter differ in shape");
}

inline void check_adamw(const ConstView& parameter, const ConstView& master, const ConstView& first_moment,
                        const ConstView& second_moment, const ConstView& gradient, const AdamW& settings) {
  check_step(parameter, master, gradient, "adamw");
  require_floating("adamw", first_moment, second_moment);
  require_same_shape(first_moment, parameter, "adamw", "the first moment and the parameter differ in shape");
  require_same_shape(second_moment, parameter, "adamw", "the second moment and the parameter differ in shape");
  require(settings.step >= 1, "adamw", "steps count from 1");
}

inline void check_eight_bit(const EightBitMoment& moment, const ConstView& parameter, const char* operation) {
  require(moment.codes.type == Type::uint8, operation, "the codes of a moment are not uint8");
  require_same_shape(moment.codes, parameter, operation, "the codes of a moment and the parameter differ in shape");
  require(static_cast<bool>(moment.scales), operation, "a moment has no scales");
  require_fp32(moment.scales, operation, "the scales of a moment are not fp32");
  require(moment.scales.elements() == moment_blocks(parameter.elements()), operation,
          "the scales of a moment are not one a block");
}

inline void check_adamw_8bit(const ConstView& parameter, const ConstView& master, const EightBitMoment& first_moment,
                             const EightBitMoment& second_moment, const ConstView& gradient, const AdamW& settings) {
  constexpr const char* kName = "adamw_8bit";
  check_step(parameter, master, gradient, kName);
  require(parameter.batch == 1, kName, "the parameter is not one piece");
  check_eight_bit(first_moment, parameter, kName);
  check_eight_bit(second_moment, parameter, kName);
  require(settings.step >= 1, kName, "steps count from 1");
}

/// AdamW's settings with what its step makes of them.
struct AdamWRates {
  AdamW settings;
  float inverse_first;   ///< 1 / (1 - beta1^step)
  float inverse_second;  ///< 1 / (1 - beta2^step)
};

[[nodiscard]] inline AdamWRates adamw_rates(const AdamW& settings) {
  const auto inverse_bias = [&](float beta) {
    const double power = std::pow(static_cast<double>(beta), static_cast<double>(settings.step));
    return static_cast<float>(1 / (1 - power));
  };
  return {settings, inverse_bias(settings.beta1), inverse_bias(settings.beta2)};
}

}  // namespace headroom::kernels

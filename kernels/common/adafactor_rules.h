#pragma once

#include <algorithm>
#include <cmath>

#include <headroom/kernels/optimizer.h>

#include "optimizer_rules.h"

namespace headroom::kernels {

/// What all elements of a step of Adafactor share.
struct AdafactorRates {
  float keep;  ///< beta2: of the second moment
  float take;  ///< 1 - beta2: of the gradient's square
  float rho;   ///< relative size of the step
};

[[nodiscard]] inline AdafactorRates adafactor_rates(const Adafactor& settings) {
  const auto step = static_cast<double>(settings.step);
  const double take = std::pow(step, -static_cast<double>(settings.decay));
  const double rho = std::min(static_cast<double>(settings.relative_step), 1 / std::sqrt(step));
  return {static_cast<float>(1 - take), static_cast<float>(take), static_cast<float>(rho)};
}

inline void check_adafactor(const ConstView& parameter, const ConstView& master, const AdafactorStates& states,
                            const ConstView& gradient, const Adafactor& settings) {
  constexpr const char* kName = "adafactor";
  check_step(parameter, master, gradient, kName);
  check_momentum(states.momentum, parameter, kName);
  require(parameter.batch == 1, kName, "the parameter is not one piece");
  require(settings.step >= 1, kName, "steps count from 1");
  const bool is_whole = static_cast<bool>(states.second_moment);
  require(is_whole != static_cast<bool>(states.row_averages) && is_whole != static_cast<bool>(states.column_averages),
          kName, "the second moment is neither whole nor row and column averages");
  if (is_whole) {
    require_fp32(states.second_moment, kName, "the second moment is not fp32");
    require_same_shape(states.second_moment, parameter, kName, "the second moment and the parameter differ in shape");
    return;
  }
  require_fp32(states.row_averages, kName, "the row averages are not fp32");
  require_fp32(states.column_averages, kName, "the column averages are not fp32");
  require(states.row_averages.elements() == parameter.rows, kName, "row averages are not one a row");
  require(states.column_averages.elements() == parameter.width, kName, "column averages are not one a column");
}

}  // namespace headroom::kernels

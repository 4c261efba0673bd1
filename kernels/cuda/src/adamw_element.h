#pragma once

#include <cmath>

#include "optimizer_rules.h"
#include "simt/hd.h"

namespace headroom::kernels::cuda {

/// One step of an element and of its moments.
HEADROOM_HD inline void step_element(const AdamWRates& rates, float gradient, float& parameter, float& first,
                                     float& second) {
  const AdamW& s = rates.settings;
  first = s.beta1 * first + (1 - s.beta1) * gradient;
  second = s.beta2 * second + (1 - s.beta2) * gradient * gradient;
  const float direction = first * rates.inverse_first / (std::sqrt(second * rates.inverse_second) + s.epsilon);
  parameter -= s.learning_rate * (direction + s.weight_decay * parameter);
}

}  // namespace headroom::kernels::cuda

#pragma once

#include <vector>

#include <headroom/kernels/optimizer.h>

#include "operand.h"

namespace headroom::test {

/// One parameter and its moments, in double precision.
struct AdamWElement {
  double parameter;
  double first = 0;
  double second = 0;

  void step(double gradient, const kernels::AdamW& s);
};

[[nodiscard]] std::vector<AdamWElement> elements_of(const Values& parameters);
void step_all(std::vector<AdamWElement>& elements, const Values& gradient, const kernels::AdamW& settings);
[[nodiscard]] Values parameters_of(const std::vector<AdamWElement>& elements);
[[nodiscard]] Values first_of(const std::vector<AdamWElement>& elements);
[[nodiscard]] Values second_of(const std::vector<AdamWElement>& elements);

}  // namespace headroom::test

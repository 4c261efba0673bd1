#pragma once

#include "run.h"

namespace headroom::measure {

/// What an update reads and writes of a parameter: all of it, or the rank's part.
struct UpdateOperands {
  kernels::View value, master, gradient;
  kernels::View momentum, first_moment, first_scales, second_moment, second_scales, row_averages, column_averages;
};

[[nodiscard]] UpdateOperands whole_operands(const Run& run, const Parameter& parameter);
/// Of the rank's part, where the optimizer's states are sharded.
[[nodiscard]] UpdateOperands operands_of_part(const Run& run, const Parameter& parameter);

/// One update by the job's optimizer, where its states live; of a part without elements nothing.
void update(const Run& run, const UpdateOperands& of);

}  // namespace headroom::measure

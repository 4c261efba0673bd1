#pragma once

#include <string>
#include <vector>

#include "commands/sweep.h"
#include "grid_option.h"
#include "job_request.h"

namespace headroom::cli {

/// Reads the axes typed behind --vary. Throws InputError: an unknown name, a value that is not accepted, an axis that
/// is given twice or as an option too, options that speak of one job alone.
[[nodiscard]] SweepPlan plan_sweep(JobOptions options, const std::vector<std::string>& varied, const GridOption& grid);

}  // namespace headroom::cli

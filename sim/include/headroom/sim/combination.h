#pragma once

#include <string>
#include <vector>

#include <headroom/models/job.h>

namespace headroom::sim {

/// Checks a job before anything is predicted. Throws InputError with the reason where sizes are not positive, a
/// combination of axes makes no sense, or a rule does not apply to its axis. Returns one sentence for each choice that
/// is legal but saves nothing. The sequence length is not looked at.
std::vector<std::string> check_combination(const Job& job);

}  // namespace headroom::sim

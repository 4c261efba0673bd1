#pragma once

#include <headroom/models/job.h>

#include "options.h"

namespace headroom::measure::host {

/// The job with every size as small as it goes, its axes as they are.
[[nodiscard]] Job emptied(Job job);

/// The largest resident set of this program on the emptied job, in a process of its own.
/// Throws std::runtime_error where that process fails.
[[nodiscard]] Bytes measure_baseline(const Options& options);

}  // namespace headroom::measure::host

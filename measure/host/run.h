#pragma once

#include <headroom/models/record.h>

#include "options.h"

namespace headroom::measure::host {

/// Runs the job on the processor; the record lacks its witness.
[[nodiscard]] Record run(const Job& job, const Options& options);

}  // namespace headroom::measure::host

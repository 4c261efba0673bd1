#pragma once

#include <headroom/measure/communicator.h>
#include <headroom/models/record.h>

#include "program_options.h"

namespace headroom::measure::host {

/// Runs the job on the processor with `options.threads` threads; the record lacks its witness.
[[nodiscard]] Record run(const Job& job, const ProgramOptions& options, const MeasureOptions& how,
                         Communicator& communicator = alone());

}  // namespace headroom::measure::host

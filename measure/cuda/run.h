#pragma once

#include <headroom/models/job.h>
#include <headroom/models/record.h>

#include "device.h"
#include "options.h"

namespace headroom::measure::cuda {

/// Runs the job on the device, under CUPTI unless that was declined, and records it. The process must have no context
/// yet. Throws what measure() throws, kernels::CudaError, and RefusedAllocation before the start where not even what
/// persists fits.
[[nodiscard]] Record run(const CudaDevice& device, const Job& job, const Options& options);

}  // namespace headroom::measure::cuda

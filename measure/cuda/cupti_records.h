#pragma once

#include <cupti.h>

#include <headroom/measure/device_trace.h>

namespace headroom::measure::cuda {

/// Adds what one of CUPTI's records says to the trace: allocations and releases of device memory, levels of pools,
/// launches of kernels. Other records are passed over.
void translate(const CUpti_Activity& record, DeviceTrace& trace);

}  // namespace headroom::measure::cuda

#pragma once

#include <optional>

#include <headroom/models/bytes.h>

#include "device.h"

namespace headroom::measure::cuda {

/// Makes this process's context while another process of this program, with a context of its own, reads the device's
/// free memory in front of it and behind it: what the context takes. None where that process cannot run beside us (a
/// device in exclusive mode).
[[nodiscard]] std::optional<Bytes> make_context_beside_companion(const CudaDevice& device);

/// That other process: prints the device's free bytes, and again at the end of standard input.
void stand_by(const CudaDevice& device);

}  // namespace headroom::measure::cuda

#pragma once

#include <headroom/models/bytes.h>

namespace headroom::measure {

/// The largest resident set of this process so far, as the kernel counts it (VmHWM in /proc/self/status; never
/// ru_maxrss, which children inherit). Throws std::runtime_error where the system does not tell.
[[nodiscard]] Bytes peak_resident();

}  // namespace headroom::measure

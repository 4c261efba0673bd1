#pragma once

#include <headroom/models/bytes.h>

#include "options.h"

namespace headroom::measure::host {

/// The largest resident set of this program on the emptied job, in a process of its own.
/// Throws std::runtime_error where that process fails.
[[nodiscard]] Bytes measure_baseline(const Options& options);

}  // namespace headroom::measure::host

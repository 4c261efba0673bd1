#pragma once

#include <string>

#include <headroom/models/device.h>
#include <headroom/sim/predictor.h>

#include "style.h"

namespace headroom::cli {

/// "Device memory peaks at head backward; binding: head and loss"
[[nodiscard]] std::string peak_line(const sim::Breakdown& breakdown, const Device& device);

/// Bytes by category with their share of the device's capacity and a bar, then the totals and what is left or missing.
[[nodiscard]] std::string memory_table(const sim::Breakdown& breakdown, const Device& device, const Style& style);

}  // namespace headroom::cli

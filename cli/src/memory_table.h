#pragma once

#include <string>

#include <headroom/models/device.h>
#include <headroom/models/job.h>
#include <headroom/sim/predictor.h>

#include "style.h"

namespace headroom::cli {

/// "Device memory peaks at head backward; binding: head and loss"
[[nodiscard]] std::string peak_line(const sim::Breakdown& breakdown, const Device& device);

/// Bytes by category with their share of the device's capacity and a bar, then the totals and what is left or missing.
[[nodiscard]] std::string memory_table(const sim::Breakdown& breakdown, const Device& device, const Style& style);

/// Lines below the table: "Host memory   915 GiB a node (8 ranks), 51.2 % of 1.9 TB: saved activations" where something
/// is offloaded, "KV cache   512.0 KiB a token of each sequence" of inference.
[[nodiscard]] std::string memory_lines(const Job& job, const sim::Breakdown& breakdown, const Style& style);

}  // namespace headroom::cli

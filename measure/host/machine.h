#pragma once

#include <string>
#include <vector>

#include <headroom/models/record.h>

namespace headroom::measure::host {

/// The processor's own name.
[[nodiscard]] std::string processor_name();
/// What the figures depend on.
[[nodiscard]] std::vector<SoftwareVersion> software();

}  // namespace headroom::measure::host

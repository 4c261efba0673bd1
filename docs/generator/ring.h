#pragma once

#include <string>

namespace headroom::docs {

/// Ring Attention's table 1, rows 1 to 3, beside what the narration holds for the same layers.
[[nodiscard]] std::string ring_table();

}  // namespace headroom::docs

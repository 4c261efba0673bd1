#pragma once

#include <string>

namespace headroom::docs {

/// What one GPT-style layer keeps with dropout, vanilla attention and without recompute, in the terms of Korthikanti
/// et al. equation 1.
[[nodiscard]] std::string korthikanti_table();

/// What one GPT-style layer keeps with flash attention, without dropout and recompute, in elements.
[[nodiscard]] std::string flash_elements_table();

}  // namespace headroom::docs

#pragma once

#include <string_view>

#include <headroom/models/variation.h>

namespace headroom::cli {

/// Reads one --vary, "NAME=VALUES". Throws InputError, with the nearest name.
[[nodiscard]] Variation parse_vary(std::string_view text);

}  // namespace headroom::cli

#pragma once

#include <string>
#include <string_view>

namespace headroom::docs {

/// The generated text of a section by its name, a table each: "weights", "gpt weights", "outside", "head fused",
/// "layer flash", "gpt flash", "structure experts", "structure weights experts", "axes flash", "reach", "reach flash",
/// "korthikanti", "flash elements", "ring". Throws InputError for a name that is none.
[[nodiscard]] std::string section(std::string_view name);

}  // namespace headroom::docs

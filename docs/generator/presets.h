#pragma once

#include <string>
#include <string_view>

namespace headroom::docs {

/// axis | value | meaning of a method preset: its choices and the chunks that they read.
[[nodiscard]] std::string axes_table(std::string_view method);

/// How far every method preset gets with Llama-3-8B on one A100-80GB, 8 bytes a parameter, full recompute.
[[nodiscard]] std::string reach_table();
/// The line of one method.
[[nodiscard]] std::string reach_of(std::string_view method);

}  // namespace headroom::docs

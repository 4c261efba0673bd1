#pragma once

#include <string>
#include <string_view>

#include "style.h"

namespace headroom::cli {

/// "Next wall    text", the text's further lines below its first; ends with a line break. Nothing for no text.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view text, const Style& style,
                                   Tone tone = Tone::plain);

/// What an answer is about, in bold, and the settings it holds for; ends with an empty line.
[[nodiscard]] std::string heading(std::string_view title, std::string_view settings, const Style& style);

}  // namespace headroom::cli

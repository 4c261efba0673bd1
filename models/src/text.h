#pragma once

#include <string>
#include <string_view>

namespace headroom {

/// `text` in single quotes as it may stand in a message: control characters replaced, long text cut.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace headroom

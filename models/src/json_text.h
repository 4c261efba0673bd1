#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace headroom {

/// The JSON value in `text`. Throws InputError, with `origin` and the place, for anything that is not JSON, a key that
/// appears twice in one object, or nesting deeper than 64.
[[nodiscard]] nlohmann::json parse_json_text(std::string_view text, const std::string& origin);

/// "a string", "the number 1.5": for messages.
[[nodiscard]] std::string describe_json(const nlohmann::json& value);

}  // namespace headroom

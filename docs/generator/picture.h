#pragma once

#include <string>
#include <string_view>

namespace headroom::docs {

/// An SVG of 900 x 320: live bytes by category over the events of one step of the GPT-style example with `method`, the
/// peak marked. The scale is the same for every method whose scores do not span the sequence.
[[nodiscard]] std::string picture(std::string_view method);

}  // namespace headroom::docs

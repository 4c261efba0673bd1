#pragma once

#include <string>

namespace headroom::test {

/// What a longer sequence costs each method, as a Markdown table and sentences: bytes at 2s minus bytes at s over b·s·h
/// bf16 elements, beyond saved layer inputs, beside the bounds and what the papers count.
[[nodiscard]] std::string slopes_section();

}  // namespace headroom::test

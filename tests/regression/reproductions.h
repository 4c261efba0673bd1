#pragma once

#include <string>

namespace headroom::test {

/// The part of docs/validation.md about papers' printed numbers: every reproduction with its settings and rows.
[[nodiscard]] std::string reproductions_section();

}  // namespace headroom::test

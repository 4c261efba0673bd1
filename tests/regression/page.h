#pragma once

#include <string>
#include <vector>

#include "corpus.h"

namespace headroom::test {

/// docs/validation.md.
[[nodiscard]] std::string validation_page(const std::vector<NamedRecord>& records);
/// docs/validation.svg: measured against predicted, both axes logarithmic.
[[nodiscard]] std::string validation_picture(const std::vector<NamedRecord>& records);

}  // namespace headroom::test

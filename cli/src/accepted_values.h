#pragma once

#include <string>
#include <vector>

#include "description.h"

namespace headroom::cli {

/// Something that can be typed, and what it is.
struct Candidate {
  std::string value;
  std::string description;  ///< one line; may be empty
};

/// What an argument accepts, as far as it can be listed.
struct AcceptedValues {
  std::vector<Candidate> names;
  bool files = false;
};

/// For an argument that takes a value. Numbers and sizes accept nothing that can be listed.
[[nodiscard]] AcceptedValues accepted_values(const CommandDescription& command, const ArgumentDescription& argument);

}  // namespace headroom::cli

#pragma once

#include <string>
#include <vector>

#include "description.h"

namespace headroom::cli {

/// A command line that the manual page shows, and what it asks.
struct Example {
  std::string question;
  std::vector<std::string> arguments;  ///< behind "headroom"
};

[[nodiscard]] const std::vector<Example>& manual_examples();

/// headroom(1) in man(7) macros: each command with its own options, then the options that commands share, once.
[[nodiscard]] std::string manual_page(const ProgramDescription& program);

}  // namespace headroom::cli

#pragma once

#include <optional>

#include "program_options.h"

namespace headroom::measure::host {

struct Options : ProgramOptions {
  bool baseline = false;  ///< run an empty job instead and print the process's largest resident set
};

/// What the command line said, or the code to exit with at once (help, version, a mistake that was told).
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
};

[[nodiscard]] CommandLine parse_line(int argc, const char* const* argv);

}  // namespace headroom::measure::host

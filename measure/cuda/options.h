#pragma once

#include <optional>

#include "program_options.h"

namespace headroom::measure::cuda {

struct Options : ProgramOptions {
  int device = 0;
  bool dry_run = false;  ///< print what would be done
  bool empty = false;    ///< run the job with every size at its smallest
  bool kernels = false;  ///< time kernels
  bool no_cupti = false;
  bool free_memory = false;  ///< print the device's free memory and nothing else
  bool stand_by = false;     ///< another measurement's companion (companion.h)
};

/// What the command line said, or the code to exit with at once (help, version, a mistake that was told).
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
};

[[nodiscard]] CommandLine parse_line(int argc, const char* const* argv);

}  // namespace headroom::measure::cuda

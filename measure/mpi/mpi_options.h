#pragma once

#include <chrono>
#include <optional>

#include "program_options.h"

namespace headroom::measure::mpi {

struct Options : ProgramOptions {
  std::int64_t ranks = 0;             ///< 0: as many as the job says
  std::chrono::seconds timeout{600};  ///< a rank that hangs for longer ends the run
};

/// What the command line said, or the code to exit with at once (help, version, a mistake that was told).
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
};

/// Throws InputError.
[[nodiscard]] CommandLine parse_line(int argc, const char* const* argv);

/// Threads of each of `ranks` ranks: as told, or the processors shared out, at least one.
[[nodiscard]] int threads_per_rank(const Options& options, std::int64_t ranks);

}  // namespace headroom::measure::mpi

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <headroom/models/bytes.h>

namespace headroom::measure::host {

struct Options {
  std::string job;     ///< path of a job file
  std::string record;  ///< path of the record to write
  std::int64_t repeats = 1;
  std::int64_t steps = 1;
  int threads = 0;  ///< 0: one for each processor
  std::optional<Bytes> limit;
  bool timeline = false;
  bool progress = false;
  bool baseline = false;  ///< run an empty job instead and print the process's largest resident set
};

/// What the command line said, or the code to exit with at once (help, version, a mistake that was told).
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
};

[[nodiscard]] CommandLine parse(int argc, const char* const* argv);

}  // namespace headroom::measure::host

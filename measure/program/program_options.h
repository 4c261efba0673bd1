#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <headroom/measure/measurement.h>
#include <headroom/models/bytes.h>

namespace CLI {
class App;
}

namespace headroom::measure {

/// What every program that measures is told.
struct ProgramOptions {
  std::string job;     ///< path of a job file
  std::string record;  ///< path of the record to write
  std::int64_t repeats = 1;
  std::int64_t steps = 1;
  int threads = 0;    ///< of the host backend; 0: one for each processor
  std::string limit;  ///< as typed: "80GiB"
  bool timeline = false;
  bool progress = false;
};

void add_options(CLI::App& app, ProgramOptions& options);

/// Parses; the code to exit with at once where help, the version or a mistake was told.
[[nodiscard]] std::optional<int> parse(CLI::App& app, int argc, const char* const* argv);

/// Throws InputError in a sentence that names the option. `needs_record`: whether a record is to be written.
void check(const ProgramOptions& options, bool needs_record);

/// The largest number of bytes to allocate, where one was given. Throws InputError.
[[nodiscard]] std::optional<Bytes> limit_of(const ProgramOptions& options);

/// The same for measure(), with lines on stderr that say where the measurement is, if they are wanted.
[[nodiscard]] MeasureOptions measure_options(const ProgramOptions& options);

}  // namespace headroom::measure

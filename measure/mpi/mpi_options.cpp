#include "mpi_options.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>

#include "rank_program.h"

namespace headroom::measure::mpi {
namespace {

constexpr std::int64_t kMostRanks = 1024;
constexpr std::int64_t kMostSeconds = 1'000'000;

void require_between(const char* option, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw InputError(fmt::format("{} must be between {} and {}, not {}", option, least, most, value));
}

}  // namespace

CommandLine parse_line(int argc, const char* const* argv) {
  CommandLine line;
  Options& options = line.options;
  std::int64_t timeout = options.timeout.count();
  CLI::App app("Runs a job on ranks that exchange tensors over MPI, and records what each of them allocates.",
               kProgramName);
  add_options(app, options);
  app.add_option("--ranks", options.ranks, "Ranks to start; 0: as many as the job says")->capture_default_str();
  app.add_option("--timeout", timeout, "Seconds behind which a rank that hangs ends the run")->capture_default_str();
  line.exit_code = parse(app, argc, argv);
  if (line.exit_code) return line;
  check(options, true);
  (void)limit_of(options);
  require_between("--ranks", options.ranks, 0, kMostRanks);
  require_between("--timeout", timeout, 1, kMostSeconds);
  options.timeout = std::chrono::seconds(timeout);
  return line;
}

int threads_per_rank(const Options& options, std::int64_t ranks) {
  if (options.threads > 0) return options.threads;
  const std::int64_t processors = std::thread::hardware_concurrency();
  return static_cast<int>(std::max<std::int64_t>(processors / ranks, 1));
}

}  // namespace headroom::measure::mpi

#include "options.h"

#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "exit_codes.h"

namespace headroom::measure::host {
namespace {

constexpr int kMaxThreads = 1024;

void add_options(CLI::App& app, Options& options, std::string& limit) {
  app.set_version_flag("--version", HEADROOM_VERSION);
  app.add_option("--job", options.job, "The job to run (docs/job.md)")->required()->type_name("FILE");
  app.add_option("--record", options.record, "Where its record goes (docs/records.md)")->type_name("FILE");
  app.add_option("--repeats", options.repeats, "Runs of the job")->capture_default_str();
  app.add_option("--steps", options.steps, "Training steps a run")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads; 0: one for each processor")->capture_default_str();
  app.add_option("--limit", limit, "Refuse to allocate more than this (80GiB, 512MiB)")->type_name("BYTES");
  app.add_flag("--timeline", options.timeline, "Record every birth and death of a tensor");
  app.add_flag("--progress", options.progress, "Say on stderr where the measurement is");
  app.add_flag("--baseline", options.baseline)->group("");
}

void check(const Options& options) {
  if (options.record.empty() && !options.baseline) throw InputError("--record is missing: give the file to write");
  if (options.threads < 0 || options.threads > kMaxThreads) {
    throw InputError(fmt::format("--threads must be between 0 and {}, not {}", kMaxThreads, options.threads));
  }
  if (options.repeats < 1) throw InputError(fmt::format("--repeats must be at least 1, not {}", options.repeats));
  if (options.steps < 1) throw InputError(fmt::format("--steps must be at least 1, not {}", options.steps));
}

int processors() {
  const unsigned count = std::thread::hardware_concurrency();
  return count == 0 ? 1 : static_cast<int>(count);
}

}  // namespace

CommandLine parse(int argc, const char* const* argv) {
  CommandLine line;
  std::string limit;
  CLI::App app("Runs a job on the processor and records what it allocates.", "headroom-measure-host");
  add_options(app, line.options, limit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error) == 0 ? kOk : kInputError;
    return line;
  }
  check(line.options);
  if (!limit.empty()) line.options.limit = parse_bytes(limit, "--limit");
  if (line.options.threads == 0) line.options.threads = processors();
  return line;
}

}  // namespace headroom::measure::host

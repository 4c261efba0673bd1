#include "program_options.h"

#include <chrono>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "exit_codes.h"

namespace headroom::measure {
namespace {

constexpr int kMaxThreads = 1024;

/// One line on stderr, at most once in a while.
class ProgressLines {
 public:
  explicit ProgressLines(const ProgramOptions& options) : repeats_(options.repeats), steps_(options.steps) {}

  void operator()(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::seconds(1);
    const std::string layer = progress.instant.layer ? fmt::format(" {}", *progress.instant.layer) : "";
    fmt::print(stderr, "run {} of {}, step {} of {}: {}{}\n", progress.run, repeats_, progress.step, steps_,
               progress.instant.name, layer);
  }

 private:
  std::int64_t repeats_;
  std::int64_t steps_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace

void add_options(CLI::App& app, ProgramOptions& options) {
  app.set_version_flag("--version", HEADROOM_VERSION);
  app.add_option("--job", options.job, "The job to run (docs/job.md)")->type_name("FILE");
  app.add_option("--record", options.record, "Where its record goes (docs/records.md)")->type_name("FILE");
  app.add_option("--repeats", options.repeats, "Runs of the job")->capture_default_str();
  app.add_option("--steps", options.steps, "Training steps a run")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads of the host backend; 0: one for each processor")
      ->capture_default_str();
  app.add_option("--limit", options.limit, "Refuse to allocate more than this (80GiB, 512MiB)")->type_name("BYTES");
  app.add_flag("--timeline", options.timeline, "Record every birth and death of a tensor");
  app.add_flag("--progress", options.progress, "Say on stderr where the measurement is");
}

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kInputError;
  }
  return std::nullopt;
}

void check(const ProgramOptions& options, bool needs_record) {
  if (options.job.empty()) throw InputError("--job is missing: give the file of the job to run");
  if (options.record.empty() && needs_record) throw InputError("--record is missing: give the file to write");
  if (options.threads < 0 || options.threads > kMaxThreads) {
    throw InputError(fmt::format("--threads must be between 0 and {}, not {}", kMaxThreads, options.threads));
  }
  if (options.repeats < 1) throw InputError(fmt::format("--repeats must be at least 1, not {}", options.repeats));
  if (options.steps < 1) throw InputError(fmt::format("--steps must be at least 1, not {}", options.steps));
}

std::optional<Bytes> limit_of(const ProgramOptions& options) {
  if (options.limit.empty()) return std::nullopt;
  return parse_bytes(options.limit, "--limit");
}

MeasureOptions measure_options(const ProgramOptions& options) {
  MeasureOptions result;
  result.repeats = options.repeats;
  result.steps = options.steps;
  result.timeline = options.timeline;
  result.limit = limit_of(options);
  if (options.progress) result.progress = ProgressLines(options);
  return result;
}

}  // namespace headroom::measure

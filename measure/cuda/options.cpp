#include "options.h"

#include <CLI/CLI.hpp>

#include <headroom/models/error.h>

namespace headroom::measure::cuda {
namespace {

void add_own_options(CLI::App& app, Options& options) {
  app.add_option("--device", options.device, "Which device, from 0")->capture_default_str();
  app.add_flag("--dry-run", options.dry_run, "Print the plan and its bytes; run nothing");
  app.add_flag("--empty", options.empty, "Run the job with every size at its smallest, to calibrate (docs/gpu.md)");
  app.add_flag("--kernels", options.kernels, "Record the time of each kernel");
  app.add_flag("--no-cupti", options.no_cupti, "Measure without CUPTI");
  app.add_flag("--free-memory", options.free_memory, "Print the device's name, free and total bytes; run nothing");
  app.add_flag("--stand-by", options.stand_by)->group("");
}

}  // namespace

CommandLine parse_line(int argc, const char* const* argv) {
  CommandLine line;
  Options& options = line.options;
  CLI::App app("Runs a job on a CUDA device and records what it allocates.", "headroom-measure-cuda");
  add_options(app, options);
  add_own_options(app, options);
  line.exit_code = parse(app, argc, argv);
  if (line.exit_code || options.free_memory || options.stand_by) return line;
  check(options, !options.dry_run);
  (void)limit_of(options);
  if (options.kernels && options.no_cupti) {
    throw InputError("--kernels needs CUPTI: leave --no-cupti out");
  }
  return line;
}

}  // namespace headroom::measure::cuda

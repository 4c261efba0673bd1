#include "options.h"

#include <thread>

#include <CLI/CLI.hpp>

namespace headroom::measure::host {
namespace {

int processors() {
  const unsigned count = std::thread::hardware_concurrency();
  return count == 0 ? 1 : static_cast<int>(count);
}

}  // namespace

CommandLine parse_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("Runs a job on the processor and records what it allocates.", "headroom-measure-host");
  add_options(app, line.options);
  app.add_flag("--baseline", line.options.baseline)->group("");
  line.exit_code = parse(app, argc, argv);
  if (line.exit_code) return line;
  check(line.options, !line.options.baseline);
  (void)limit_of(line.options);
  if (line.options.threads == 0) line.options.threads = processors();
  return line;
}

}  // namespace headroom::measure::host

#include <fmt/format.h>

#include <headroom/measure/witness.h>

#include "baseline.h"
#include "emptied.h"
#include "exit_codes.h"
#include "options.h"
#include "program.h"
#include "run.h"

namespace headroom::measure::host {
namespace {

void print_baseline(const Options& options) {
  (void)run(emptied(job_of(options.job)), options, measure_options(options));
  fmt::print("{}\n", peak_resident().count());
}

void write_record(const Options& options) {
  const Job job = job_of(options.job);
  require_writable(options.record);
  const Bytes baseline = measure_baseline(options);
  Record record = run(job, options, measure_options(options));
  record.witness = Witness{std::string(kResidentSetWitness), peak_resident(), baseline};
  deliver(record, options.record);
}

int run_program(int argc, const char* const* argv) {
  const CommandLine line = parse_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  if (line.options.baseline) {
    print_baseline(line.options);
  } else {
    write_record(line.options);
  }
  return kOk;
}

}  // namespace
}  // namespace headroom::measure::host

int main(int argc, char** argv) {
  return headroom::measure::guarded("headroom-measure-host",
                                    [=] { return headroom::measure::host::run_program(argc, argv); });
}

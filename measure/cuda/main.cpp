#include <fmt/format.h>

#include "companion.h"
#include "emptied.h"
#include "exit_codes.h"
#include "options.h"
#include "plan.h"
#include "program.h"
#include "run.h"

namespace headroom::measure::cuda {
namespace {

Job wanted_job(const Options& options) {
  Job job = job_of(options.job);
  return options.empty ? emptied(std::move(job)) : job;
}

/// The job first: it needs no device.
void print_plan(const Options& options) {
  const Job job = wanted_job(options);
  fmt::print("{}", text_of(job, plan_of(job)));
  std::fflush(stdout);
  const CudaDevice device = find_device(options.device);
  make_context(device);
  fmt::print("{}", text_of(device, read_memory()));
}

/// A line a figure, for the program that asks.
void print_free_memory(const CudaDevice& device) {
  make_context(device);
  const MemoryReading memory = read_memory();
  fmt::print("name {}\nfree_bytes {}\ntotal_bytes {}\n", device.name, memory.free.count(), memory.total.count());
}

void write_record(const Options& options) {
  const Job job = wanted_job(options);
  require_writable(options.record);
  deliver(run(find_device(options.device), job, options), options.record);
}

int run_program(int argc, const char* const* argv) {
  const CommandLine line = parse_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  const Options& options = line.options;
  if (options.stand_by) {
    stand_by(find_device(options.device));
  } else if (options.free_memory) {
    print_free_memory(find_device(options.device));
  } else if (options.dry_run) {
    print_plan(options);
  } else {
    write_record(options);
  }
  return kOk;
}

}  // namespace
}  // namespace headroom::measure::cuda

int main(int argc, char** argv) {
  return headroom::measure::guarded("headroom-measure-cuda",
                                    [=] { return headroom::measure::cuda::run_program(argc, argv); });
}

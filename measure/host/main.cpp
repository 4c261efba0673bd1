#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>
#include <unistd.h>

#include <headroom/measure/resource.h>
#include <headroom/measure/witness.h>
#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "baseline.h"
#include "exit_codes.h"
#include "options.h"
#include "run.h"

namespace headroom::measure::host {
namespace {

/// A record that could not be written is better known before a long run.
void require_writable(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const std::string name = folder.empty() ? "." : folder.string();
  if (::access(name.c_str(), W_OK) != 0) {
    throw InputError(fmt::format("--record {}: the folder {} does not exist or cannot be written", path, name));
  }
}

void print_baseline(const Options& options) {
  (void)run(emptied(read_job(options.job).value), options);
  fmt::print("{}\n", peak_resident().count());
}

void write_record(const Options& options) {
  const Read<Job> job = read_job(options.job);
  for (const std::string& note : job.notes) fmt::print(stderr, "note: {}\n", note);
  require_writable(options.record);
  const Bytes baseline = measure_baseline(options);
  Record record = run(job.value, options);
  record.witness = Witness{"VmHWM", peak_resident(), baseline};
  for (const std::string& note : record.notes) fmt::print(stderr, "note: {}\n", note);
  write_file_atomically(options.record, record_to_json(record));
}

int run_program(int argc, const char* const* argv) {
  const CommandLine line = parse(argc, argv);
  if (line.exit_code) return *line.exit_code;
  if (line.options.baseline) {
    print_baseline(line.options);
  } else {
    write_record(line.options);
  }
  return kOk;
}

int tell(const char* what, int code) {
  std::fprintf(stderr, "headroom-measure-host: %s\n", what);
  return code;
}

}  // namespace
}  // namespace headroom::measure::host

int main(int argc, char** argv) {
  using namespace headroom::measure::host;
  try {
    return run_program(argc, argv);
  } catch (const headroom::InputError& error) {
    return tell(error.what(), kInputError);
  } catch (const headroom::measure::RefusedAllocation& error) {
    return tell(error.what(), kRefused);
  } catch (const std::bad_alloc&) {
    return tell("the system has no more memory", kRefused);
  } catch (const std::exception& error) {
    return tell(error.what(), kFailed);
  }
}

#include "program.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <headroom/measure/resource.h>
#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "exit_codes.h"

namespace headroom::measure {
namespace {

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
}

}  // namespace

int guarded(const char* name, const std::function<int()>& work) {
  const auto tell = [name](const char* what, int code) {
    std::fprintf(stderr, "%s: %s\n", name, what);
    return code;
  };
  try {
    return work();
  } catch (const InputError& error) {
    return tell(error.what(), kInputError);
  } catch (const RefusedAllocation& error) {
    return tell(error.what(), kRefused);
  } catch (const std::bad_alloc&) {
    return tell("the system has no more memory", kRefused);
  } catch (const std::exception& error) {
    return tell(error.what(), kFailed);
  }
}

Job job_of(const std::string& path) {
  Read<Job> job = read_job(path);
  print_notes(job.notes);
  return std::move(job.value);
}

void require_writable(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const std::string name = folder.empty() ? "." : folder.string();
  if (::access(name.c_str(), W_OK) != 0) {
    throw InputError(fmt::format("--record {}: the folder {} does not exist or cannot be written", path, name));
  }
}

void deliver(const Record& record, const std::string& path) {
  print_notes(record.notes);
  write_file_atomically(path, record_to_json(record));
}

std::vector<SoftwareVersion> common_software() {
  struct ::utsname system {};
  ::uname(&system);
  return {{"headroom", HEADROOM_VERSION},
          {"compiler", __VERSION__},
          {system.sysname, system.release},
          {"glibc", ::gnu_get_libc_version()}};
}

}  // namespace headroom::measure

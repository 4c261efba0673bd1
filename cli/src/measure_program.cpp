#include "measure_program.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/read.h>

#include "child_process.h"
#include "exit_code.h"
#include "temporary_folder.h"

namespace headroom {

template <>
std::span<const Named<cli::Backend>> values_of<cli::Backend>() {
  static constexpr Named<cli::Backend> kValues[] = {
      {cli::Backend::host, "host", "the processor"},
      {cli::Backend::cuda, "cuda", "an NVIDIA GPU"},
      {cli::Backend::mpi, "mpi", "several processes"},
  };
  return kValues;
}

namespace cli {
namespace {

namespace fs = std::filesystem;

std::string program_name(Backend backend) { return fmt::format("headroom-measure-{}", name_of(backend)); }

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// In the order in which they are searched.
std::vector<fs::path> program_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) folders = {own, own.parent_path() / "libexec" / "headroom"};
  const char* value = std::getenv("PATH");
  const std::string path = value == nullptr ? "" : value;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin) folders.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

std::string remedy(Backend backend) {
  switch (backend) {
    case Backend::host: return "build its target headroom_measure_host (it needs Eigen) or install headroom's package";
    case Backend::cuda: return "build it where the CUDA Toolkit is installed; --backend host measures on the processor";
    case Backend::mpi: break;
  }
  return "--backend host measures on the processor";
}

void add_cuda_options(std::vector<std::string>& command, const MeasureRequest& request) {
  if (request.backend != Backend::cuda) return;
  command.insert(command.end(), {"--device", format_count(request.device)});
  if (request.kernels) command.emplace_back("--kernels");
  if (request.no_cupti) command.emplace_back("--no-cupti");
}

std::vector<std::string> command(const MeasureRequest& request, const std::string& job_file) {
  std::vector<std::string> command{measure_program(request.backend),
                                   "--job",
                                   job_file,
                                   "--record",
                                   request.record,
                                   "--repeats",
                                   format_count(request.repeats),
                                   "--steps",
                                   format_count(request.steps),
                                   "--threads",
                                   format_count(request.threads)};
  if (request.limit) command.insert(command.end(), {"--limit", format_count(request.limit->count())});
  if (request.timeline) command.emplace_back("--timeline");
  if (request.progress) command.emplace_back("--progress");
  add_cuda_options(command, request);
  return command;
}

std::string killed_text(Backend backend, int signal) {
  return fmt::format("headroom: {} was ended by a signal ({}){}; it wrote no record\n", program_name(backend),
                     ::strsignal(signal), signal == SIGKILL ? ", as systems do that run out of memory" : "");
}

/// Lines of a key, a blank and a value, as the program prints them.
DeviceRoom parse_room(const std::string& text) {
  DeviceRoom room;
  std::istringstream lines(text);
  const auto bytes = [](std::istream& line) {
    std::int64_t count = 0;
    line >> count;
    return Bytes(count);
  };
  for (std::string key; lines >> key;) {
    if (key == "name") std::getline(lines >> std::ws, room.name);
    if (key == "free_bytes") room.free = bytes(lines);
    if (key == "total_bytes") room.total = bytes(lines);
  }
  return room;
}

}  // namespace

std::variant<DeviceRoom, int> device_room(std::int64_t device) {
  const Captured asked =
      capture_program({measure_program(Backend::cuda), "--free-memory", "--device", format_count(device)});
  if (asked.ended.signal || asked.ended.exit_code != kFits) {
    return asked.ended.signal ? kCheckFailed : asked.ended.exit_code;
  }
  return parse_room(asked.output);
}

std::string measure_program(Backend backend) {
  for (const fs::path& folder : program_folders()) {
    if (is_program(folder / program_name(backend))) return (folder / program_name(backend)).string();
  }
  throw InputError(
      fmt::format("{} is not installed (neither beside headroom nor in ../libexec/headroom nor on PATH): {}",
                  program_name(backend), remedy(backend)));
}

int measure(const MeasureRequest& request, Console& console) {
  const TemporaryFolder folder;
  const std::string job_file = folder.file("job.json");
  write_file_atomically(job_file, job_to_json(request.job));
  const Ended ended = run_program(command(request, job_file));
  if (!ended.signal) return ended.exit_code;
  console.err(killed_text(request.backend, *ended.signal));
  return kCheckFailed;
}

}  // namespace cli
}  // namespace headroom

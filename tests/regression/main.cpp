// headroom_regression writes what the regression has verified, or checks that what is written is current.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/read.h>
#include <headroom/sim/check.h>

#include "bench.h"
#include "corpus.h"
#include "coverage.h"
#include "jobs.h"
#include "page.h"
#include "rank_jobs.h"

namespace headroom::test {
namespace {

struct File {
  std::string path;
  std::string wanted;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<File> files(const std::string& root, const std::vector<Job>& verified) {
  const std::vector<NamedRecord> records = corpus();
  const std::vector<DeviceCorpus> devices = device_corpora();
  return {{root + "/sim/src/verified_cuda.inc", verified_cuda_text(devices)},
          {root + "/sim/src/verified_rows.inc", verified_rows_text(coverage(verified))},
          {root + "/docs/validation.md", validation_page(records, devices)},
          {root + "/docs/validation.svg", validation_picture(records)}};
}

/// The covered jobs that agree, measured now or in the corpus; of those on ranks ranks_regression_test says so, which
/// mpirun must start.
std::vector<Job> verified_jobs() {
  std::vector<Job> jobs;
  for (const NamedJob& named : one_rank_jobs()) {
    if (sim::check(measured(named.job)).agrees()) {
      jobs.push_back(named.job);
    } else {
      fmt::print(stderr, "does not agree: {}\n", named.name);
    }
  }
  for (const NamedJob& named : all_rank_jobs()) jobs.push_back(named.job);
  for (const NamedRecord& named : corpus()) {
    if (sim::check(named.record).agrees()) {
      jobs.push_back(named.record.job);
    } else {
      fmt::print(stderr, "does not agree: {}\n", named.name);
    }
  }
  return jobs;
}

int write(const std::string& root) {
  for (const File& file : files(root, verified_jobs())) {
    if (content(file.path) != file.wanted) write_file_atomically(file.path, file.wanted);
  }
  return 0;
}

int check(const std::string& root) {
  int different = 0;
  for (const File& file : files(root, covered_jobs())) {
    if (content(file.path) == file.wanted) continue;
    fmt::print(stderr, "{} is not what headroom_regression --write {} makes of it\n", file.path, root);
    different = 1;
  }
  return different;
}

int run(const std::vector<std::string_view>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "--write") return write(std::string(arguments[1]));
  if (arguments.size() == 2 && arguments[0] == "--check") return check(std::string(arguments[1]));
  fmt::print(stderr, "usage: headroom_regression --write FOLDER | --check FOLDER, the folder of headroom's source\n");
  return 2;
}

}  // namespace
}  // namespace headroom::test

int main(int argc, char** argv) {
  try {
    return headroom::test::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headroom_regression: %s\n", error.what());
    return 2;
  }
}

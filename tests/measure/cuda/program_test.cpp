#include <filesystem>
#include <fstream>

#include <cuda_runtime_api.h>

#include "catch.h"
#include "process.h"

using headroom::test::contains;
using headroom::test::Ended;
using headroom::test::Process;

namespace {

constexpr const char* kJob =
    R"({"headroom": "job/1", "model": "gpt2", "device": "H200", "method": "flash", "seq": 64})";

std::string file(const char* name) {
  return (std::filesystem::temp_directory_path() / (std::string("headroom-cuda-program-test-") + name)).string();
}

Ended run(std::vector<std::string> options) {
  std::ofstream(file("job.json")) << kJob;
  options.insert(options.begin(), HEADROOM_MEASURE_CUDA);
  return Process(options).wait();
}

/// Devices hidden as CUDA lets one hide them: the same on a machine with one and on one without.
Ended run_without_device(std::vector<std::string> options) {
  std::ofstream(file("job.json")) << kJob;
  options.insert(options.begin(), {"/usr/bin/env", "CUDA_VISIBLE_DEVICES=", HEADROOM_MEASURE_CUDA});
  return Process(options).wait();
}

}  // namespace

TEST_CASE("without a device every way to measure ends with one sentence and exit code 2") {
  const std::string job = file("job.json");
  const std::string record = file("record.json");
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--job", job, "--record", record},
                                                  {"--free-memory"},
                                                  {"--stand-by"},
                                                  {"--job", job, "--record", record, "--no-cupti"}}) {
    const Ended ended = run_without_device(options);
    INFO(ended.output);
    CHECK(ended.exit_code() == 2);
    CHECK_THAT(ended.output, contains("headroom-measure-cuda: no CUDA device can be used here ("));
    CHECK(std::count(ended.output.begin(), ended.output.end(), '\n') == 1);
    CHECK_FALSE(std::filesystem::exists(record));
  }
}

TEST_CASE("a dry run tells the job's bytes before it looks for the device") {
  const Ended ended = run_without_device({"--job", file("job.json"), "--dry-run"});
  CHECK(ended.exit_code() == 2);
  CHECK_THAT(ended.output, contains("gpt2 at 64 tokens with flash") && contains("parameters") &&
                               contains("no CUDA device can be used here"));
}

TEST_CASE("usage and input errors are one sentence and exit code 2") {
  const std::string job = file("job.json");
  const auto told = [&](std::vector<std::string> options) {
    const Ended ended = run(std::move(options));
    CHECK(ended.exit_code() == 2);
    return ended.output;
  };
  CHECK_THAT(told({}), contains("--job is missing"));
  CHECK_THAT(told({"--job", job}), contains("--record is missing"));
  CHECK_THAT(told({"--job", job, "--record", "r.json", "--steps", "0"}), contains("--steps must be at least 1, not 0"));
  CHECK_THAT(told({"--job", job, "--record", "r.json", "--limit", "much"}), contains("--limit must be"));
  CHECK_THAT(told({"--job", job, "--record", "r.json", "--kernels", "--no-cupti"}), contains("--kernels needs CUPTI"));
  CHECK_THAT(told({"--job", job, "--record", "/no/r.json"}), contains("the folder /no does not exist"));
  CHECK_THAT(told({"--job", "missing.json", "--record", "r.json"}), contains("cannot read missing.json"));
  CHECK_THAT(told({"--jobb"}), contains("--jobb"));
}

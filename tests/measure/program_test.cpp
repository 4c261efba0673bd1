#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/resource.h>

#include <headroom/models/record.h>

#include "bench.h"
#include "catch.h"
#include "place.h"
#include "process.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::Ended;
using headroom::test::long_job;
using headroom::test::Place;
using headroom::test::Process;

namespace {

Ended run(const Place& place, std::vector<std::string> more = {}) {
  return Process(place.command(HEADROOM_MEASURE_HOST, std::move(more))).wait();
}

void limit_file_size() {
  std::signal(SIGXFSZ, SIG_IGN);
  const ::rlimit limit{512, 512};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE("the program writes a record that names backend, device, versions, witness, and exits with 0") {
  const Place place;
  const Ended ended = run(place, {"--steps", "2", "--repeats", "2", "--threads", "2", "--progress"});
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  CHECK_THAT(ended.output, contains("run 1 of 2"));
  const Record record = read_record(place.record_file()).value;
  CHECK(record.backend == "host");
  CHECK_FALSE(record.device.empty());
  CHECK(record.threads == 2);
  CHECK(record.runs.size() == 2);
  CHECK(record.runs.at(1).losses.size() == 2);
  CHECK(record.workspace == 8_MiB);
  REQUIRE(record.witness);
  CHECK(record.witness->source == "VmHWM");
  CHECK(record.witness->baseline < record.witness->peak);
  CHECK(record.timeline.empty());
}

TEST_CASE("the program runs inference, whose record has a witness and no losses") {
  Job job = long_job();
  job.mode = Mode::inference;
  const Place place(job);
  const Ended ended = run(place);
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(place.record_file()).value;
  CHECK(record.job.mode == Mode::inference);
  CHECK(record.runs.at(0).losses.empty());
  CHECK(record.runs.at(0).instants.at(1).instant == "prefill embedding");
  CHECK(record.allocated.categories[Category::kv_cache] > Bytes(0));
  CHECK(record.witness->peak > record.witness->baseline);
}

TEST_CASE("the program runs models whose heads have parts, and inference of them") {
  Job job = GENERATE(test::deepseek_job(), test::gpt_neox_job());
  job.mode = GENERATE(Mode::training, Mode::inference);
  const Place place(job);
  const Ended ended = run(place);
  INFO(ended.output);
  CHECK(ended.exit_code() == 0);
}

TEST_CASE("the kernel's largest resident set agrees with the allocated peak within 2 % and 16 MiB") {
  Job job = long_job();
  job.seq = Tokens(1024);
  const Place place(job);
  REQUIRE(run(place).exit_code() == 0);
  const Record record = read_record(place.record_file()).value;
  const double allocated = static_cast<double>(record.allocated.total.count());
  const double seen = static_cast<double>((record.witness->peak - record.witness->baseline).count());
  CHECK(allocated > 100e6);
  CHECK(seen == Approx(allocated).margin(0.02 * allocated + 16.0 * 1048576));
}

TEST_CASE("one byte below the peak the limit refuses with exit code 3 and no record; at the peak it does not") {
  const Place place;
  REQUIRE(run(place).exit_code() == 0);
  const std::int64_t peak = read_record(place.record_file()).value.allocated.total.count();
  REQUIRE(run(place, {"--limit", std::to_string(peak)}).exit_code() == 0);
  std::filesystem::remove(place.record_file());
  const Ended ended = run(place, {"--limit", std::to_string(peak - 1)});
  CHECK(ended.exit_code() == 3);
  CHECK_THAT(ended.output, contains("no memory for the tensor"));
  CHECK_THAT(ended.output, contains("and the limit is " + std::to_string(peak - 1)));
  CHECK_FALSE(place.has_record());
}

TEST_CASE("a refusal leaves the record of an earlier measurement as it was") {
  const Place place;
  REQUIRE(run(place).exit_code() == 0);
  const Record before = read_record(place.record_file()).value;
  CHECK(run(place, {"--limit", "1KiB"}).exit_code() == 3);
  CHECK(read_record(place.record_file()).value == before);
}

TEST_CASE("usage and input errors are one sentence, exit code 2 and no record") {
  const Place place;
  const auto told = [&](std::vector<std::string> more) {
    const Ended ended = run(place, std::move(more));
    CHECK(ended.exit_code() == 2);
    CHECK_FALSE(place.has_record());
    return ended.output;
  };
  CHECK_THAT(told({"--steps", "0"}), contains("--steps must be at least 1, not 0"));
  CHECK_THAT(told({"--repeats", "-3"}), contains("--repeats must be at least 1, not -3"));
  CHECK_THAT(told({"--threads", "99999"}), contains("--threads must be between 0 and 1024"));
  CHECK_THAT(told({"--limit", "much"}), contains("--limit must be a positive number of bytes"));
  CHECK_THAT(told({"--stepps", "1"}), contains("--stepps"));
  CHECK_THAT(Process({HEADROOM_MEASURE_HOST, "--job", "missing.json", "--record", place.record_file()}).wait().output,
             contains("cannot read missing.json: No such file or directory"));
  const Ended nowhere = Process({HEADROOM_MEASURE_HOST, "--job", place.job_file(), "--record", "/no/r.json"}).wait();
  CHECK(nowhere.exit_code() == 2);
  CHECK_THAT(nowhere.output, contains("the folder /no does not exist"));
}

TEST_CASE("a full disk leaves no half record and the system's reason is told") {
  const Place place;
  const Ended ended = Process(place.command(HEADROOM_MEASURE_HOST), limit_file_size).wait();
  CHECK(ended.exit_code() == 2);
  CHECK_THAT(ended.output, contains("cannot write " + place.record_file()));
  CHECK_FALSE(place.has_record());
}

TEST_CASE("a program that is killed at any moment leaves no half record") {
  const Place place(long_job());
  for (const int milliseconds : {1, 20, 100, 400, 800}) {
    Process process(place.command(HEADROOM_MEASURE_HOST));
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    process.kill();
    const Ended ended = process.wait();
    const bool is_whole = place.has_record() && read_record(place.record_file()).value.runs.size() == 1;
    CHECK((ended.was_killed() ? !place.has_record() || is_whole : is_whole));
  }
}

TEST_CASE("memory that the system refuses is told like memory beyond the limit: exit code 3") {
#if !defined(__SANITIZE_ADDRESS__)
  Job job = long_job();
  const Place place(job);
  const Ended ended = Process(place.command(HEADROOM_MEASURE_HOST), [] {
                        const ::rlimit limit{300U << 20U, 300U << 20U};
                        ::setrlimit(RLIMIT_AS, &limit);
                      }).wait();
  CHECK(ended.exit_code() == 3);
  CHECK_THAT(ended.output, contains("the system says: Cannot allocate memory"));
  CHECK_FALSE(place.has_record());
#endif
}

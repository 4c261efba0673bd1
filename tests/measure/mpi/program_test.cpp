#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <headroom/models/record.h>

#include "catch.h"
#include "place.h"
#include "process.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::Ended;
using headroom::test::Place;
using headroom::test::Process;

namespace {

Job ring_job(std::int64_t ranks = 2) {
  Job job = test::llama_job();
  job.seq = Tokens(16);
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::ring;
  job.degrees.sequence = ranks;
  return job;
}

/// Runs until it is stopped.
Job endless_job() {
  Job job = test::long_job();
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::ring;
  job.degrees.sequence = 2;
  job.model.layer_runs = {{8, {0}}};
  return job;
}

Process start(const Place& place, std::vector<std::string> more = {}) {
  return Process(place.command(HEADROOM_MEASURE_MPI, std::move(more)));
}
Ended run(const Place& place, std::vector<std::string> more = {}) { return start(place, std::move(more)).wait(); }

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The process that is rank `rank` of the run that writes this record; 0: none is there.
int process_of_rank(const Place& place, int rank) {
  const std::string variable = "OMPI_COMM_WORLD_RANK=" + std::to_string(rank) + '\0';
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (text_of(entry.path() / "cmdline").find(place.record_file()) == std::string::npos) continue;
    if (text_of(entry.path() / "environ").find(variable) != std::string::npos) return std::stoi(name);
  }
  return 0;
}

/// mpirun with `ranks` ranks, as a user starts it.
std::vector<std::string> mpirun(const std::string& ranks) {
  return {HEADROOM_MPIRUN,
          "--oversubscribe",
          "--bind-to",
          "none",
          "--mca",
          "btl_vader_single_copy_mechanism",
          "none",
          "-n",
          ranks};
}

/// Waits for the ranks to be amid their step.
void wait_until_running(const Place& place) {
  for (int i = 0; i < 200 && process_of_rank(place, 1) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::this_thread::sleep_for(std::chrono::seconds(2));
}

void signal_rank(const Place& place, int rank, int signal) {
  const int process = process_of_rank(place, rank);
  REQUIRE(process > 0);
  REQUIRE(::kill(process, signal) == 0);
}

int lines_of(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

/// One sentence, no record, and nobody left behind.
void check_ended(const Place& place, const Ended& ended, int code, const std::string& sentence) {
  INFO(ended.output);
  CHECK(ended.exit_code() == code);
  CHECK_THAT(ended.output, contains(sentence));
  CHECK(lines_of(ended.output) == 1);
  CHECK_FALSE(place.has_record());
  CHECK(process_of_rank(place, 0) == 0);
  CHECK(process_of_rank(place, 1) == 0);
}

}  // namespace

TEST_CASE("tensor ranks run inference, and the record has the peak of each") {
  Job job = test::llama_job();
  job.mode = Mode::inference;
  job.degrees.tensor = 2;
  const Place place(job);
  const Ended ended = run(place);
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(place.record_file()).value;
  REQUIRE(record.ranks.size() == 2);
  CHECK(record.ranks[1].allocated.categories[Category::kv_cache] == Bytes(4 * 3 * 2 * 2 * 13 * 6));
  CHECK(record.ranks[1].sent);
  CHECK(record.runs.at(0).losses.empty());
}

TEST_CASE("the program starts the job's ranks and records what each of them measured") {
  const Place place(ring_job());
  const Ended ended = run(place, {"--steps", "2", "--threads", "1", "--timeline", "--progress"});
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  CHECK_THAT(ended.output, contains("run 1 of 1, step"));
  const Record record = read_record(place.record_file()).value;
  CHECK(record.backend == "mpi");
  CHECK(record.threads == 1);
  CHECK(record.software.at(1).name == "MPI");
  CHECK(record.notes.back() == "buffers inside the MPI library are outside the tensors");
  REQUIRE(record.ranks.size() == 2);
  CHECK(record.allocated == record.ranks.at(0).allocated);
  CHECK(record.runs.at(0).losses.size() == 2);
  CHECK_FALSE(record.timeline.empty());
  for (const MeasuredRank& rank : record.ranks) {
    CHECK(rank.allocated.total == record.runs.at(0).peak);
    REQUIRE(rank.witness);
    CHECK(rank.witness->source == "VmHWM");
    CHECK(rank.witness->baseline < rank.witness->peak);
  }
  CHECK(record.witness == record.ranks.at(0).witness);
}

TEST_CASE("tensor ranks are started and recorded, with and without tokens of their own") {
  Job job = ring_job(1);
  job.degrees.tensor = 2;
  job.method.sequence = GENERATE(SequenceDistribution::none, SequenceDistribution::megatron_sp);
  const Place place(job);
  const Ended ended = run(place, {"--threads", "1"});
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(place.record_file()).value;
  CHECK(record.job.degrees.tensor == 2);
  REQUIRE(record.ranks.size() == 2);
  for (const MeasuredRank& rank : record.ranks) {
    CHECK(rank.allocated == record.allocated);
    REQUIRE(rank.sent);
    CHECK(rank.sent->messages > 0);
  }
  Job odd = job;
  odd.model.kinds[0].ffn_hidden = 41;
  const Place odd_place(odd);
  check_ended(odd_place, run(odd_place), 2, "a feed-forward 41 wide cannot be shared out equally among 2 tensor ranks");
}

TEST_CASE("FPDT's ranks are started and recorded with the host's peak, whatever rule gives their chunk") {
  Job job = ring_job();
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.query_chunk = GENERATE(Chunk{ChunkRule::tokens, Tokens(6)}, Chunk{ChunkRule::hidden, {}});
  const Place place(job);
  const Ended ended = run(place, {"--threads", "1"});
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(place.record_file()).value;
  REQUIRE(record.ranks.size() == 2);
  for (const MeasuredRank& rank : record.ranks) {
    REQUIRE(rank.host);
    CHECK(rank.host->categories[Category::saved_activations] > 0_B);
    REQUIRE(rank.sent);
    CHECK(rank.sent->messages > 0);
  }
  job.method.query_chunk = {ChunkRule::tokens, Tokens(5)};
  const Place odd(job);
  check_ended(odd, run(odd), 2, "a query chunk of 5 tokens cannot be shared out equally among 2 ranks");
}

TEST_CASE("started by mpirun the program is a rank, and writes the same record") {
  const Place place(ring_job());
  REQUIRE(run(place).exit_code() == 0);
  const MeasuredPeak launched = read_record(place.record_file()).value.allocated;
  std::filesystem::remove(place.record_file());
  std::vector<std::string> command = mpirun("2");
  for (const std::string& argument : place.command(HEADROOM_MEASURE_MPI)) command.push_back(argument);
  const Ended ended = Process(command).wait();
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  CHECK(read_record(place.record_file()).value.allocated == launched);
}

TEST_CASE("the kernel's largest resident set agrees with every rank's allocated peak within 2 % and 32 MiB") {
  Job job = endless_job();
  job.model.layer_runs = {{2, {0}}};
  job.seq = Tokens(1024);
  const Place place(job);
  REQUIRE(run(place).exit_code() == 0);
  for (const MeasuredRank& rank : read_record(place.record_file()).value.ranks) {
    const double allocated = static_cast<double>(rank.allocated.total.count());
    const double seen = static_cast<double>((rank.witness->peak - rank.witness->baseline).count());
    CHECK(allocated > 100e6);
    CHECK(seen == Approx(allocated).margin(0.02 * allocated + 32.0 * 1048576));
  }
}

TEST_CASE("a rank that the limit refuses takes the run down with one sentence that names it") {
  const Place place(ring_job());
  REQUIRE(run(place).exit_code() == 0);
  const std::int64_t peak = read_record(place.record_file()).value.allocated.total.count();
  REQUIRE(run(place, {"--limit", std::to_string(peak)}).exit_code() == 0);
  std::filesystem::remove(place.record_file());
  const Ended ended = run(place, {"--limit", std::to_string(peak - 1)});
  check_ended(place, ended, 3, "and the limit is " + std::to_string(peak - 1));
  CHECK_THAT(ended.output, contains("headroom-measure-mpi: rank "));
}

TEST_CASE("a rank that alone is refused ends the others at once") {
  const Place place(endless_job());
  std::vector<std::string> command = mpirun("1");
  const std::vector<std::string> program = place.command(HEADROOM_MEASURE_MPI, {"--steps", "1000"});
  command.insert(command.end(), program.begin(), program.end());
  command.insert(command.end(), {":", "-n", "1"});
  command.insert(command.end(), program.begin(), program.end());
  command.insert(command.end(), {"--limit", "20MiB"});
  const auto begin = std::chrono::steady_clock::now();
  const Ended ended = Process(command).wait();
  INFO(ended.output);
  CHECK(ended.exit_code() == 3);
  CHECK_THAT(ended.output, contains("headroom-measure-mpi: rank 1: no memory for the tensor"));
  CHECK_FALSE(place.has_record());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE("a rank that is killed amid a step takes the run down, and is named") {
  const Place place(endless_job());
  Process process = start(place, {"--steps", "1000"});
  wait_until_running(place);
  signal_rank(place, 1, SIGKILL);
  check_ended(place, process.wait(), 1, "rank 1 was ended by signal 9");
}

TEST_CASE("a rank that hangs takes the run down behind the timeout, and is named") {
  const Place place(endless_job());
  Process process = start(place, {"--steps", "1000", "--timeout", "3"});
  wait_until_running(place);
  signal_rank(place, 1, SIGSTOP);
  check_ended(place, process.wait(), 1, "rank 1 has hung for more than 3 seconds");
}

TEST_CASE("where all ranks hang the launcher ends them") {
  const Place place(endless_job());
  Process process = start(place, {"--steps", "1000", "--timeout", "2"});
  wait_until_running(place);
  signal_rank(place, 1, SIGSTOP);
  signal_rank(place, 0, SIGSTOP);
  check_ended(place, process.wait(), 1, "no rank has given a sign of life");
}

TEST_CASE("a launcher that is killed leaves no rank behind") {
  const Place place(endless_job());
  Process process = start(place, {"--steps", "1000"});
  wait_until_running(place);
  process.kill();
  CHECK(process.wait().was_killed());
  for (int i = 0; i < 200 && process_of_rank(place, 0) + process_of_rank(place, 1) > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(process_of_rank(place, 0) == 0);
  CHECK(process_of_rank(place, 1) == 0);
  CHECK_FALSE(place.has_record());
}

TEST_CASE("usage and input errors are one sentence, exit code 2 and no record") {
  const Place place(ring_job());
  check_ended(place, run(place, {"--ranks", "3"}), 2, "the job is for 2 ranks");
  check_ended(place, run(place, {"--ranks", "-1"}), 2, "--ranks must be between 0 and 1024, not -1");
  check_ended(place, run(place, {"--timeout", "0"}), 2, "--timeout must be between 1 and");
  check_ended(place, run(place, {"--steps", "0"}), 2, "--steps must be at least 1, not 0");
  Job odd = ring_job();
  odd.seq = Tokens(17);
  const Place odd_place(odd);
  check_ended(odd_place, run(odd_place), 2, "a sequence of 17 tokens cannot be shared out equally among 2 ranks");
}

TEST_CASE("a job of one rank runs on one") {
  const Place place;
  const Ended ended = run(place);
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  CHECK(read_record(place.record_file()).value.ranks.empty());
}

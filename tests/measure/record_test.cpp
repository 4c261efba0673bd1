#include <fstream>
#include <iterator>

#include <headroom/measure/measurement.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::test::contains;

namespace {

Job smallest() {
  Job job = test::llama_job();
  job.device.name = "none";
  job.device.capacity.bytes = 1_GiB;
  job.model.layer_runs = {{1, {0}}};
  return job;
}

Record measured(const measure::MeasureOptions& options = {}) {
  test::Bench bench;
  Record record = measure::measure(*bench.backend, bench.resource, smallest(), options);
  record.device = "a processor";
  return record;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  try {
    (void)parse_record(text, "r.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a record that is written and read again is the same") {
  measure::MeasureOptions options;
  options.repeats = 2;
  options.steps = 3;
  options.timeline = true;
  options.limit = 1_GiB;
  Record record = measured(options);
  record.witness = Witness{"VmHWM", 5_MiB, 1_MiB};
  record.workspace = 4_MiB;
  record.software = {{"compiler", "12"}};
  record.notes = {"a note"};
  record.sent = MeasuredSent{3_KiB, 7};
  record.ranks = {{0, record.allocated, {}, {}, record.sent}, {1, record.allocated, {}, record.witness, {}}};
  CHECK(parse_record(record_to_json(record), "r.json").value == record);
  CHECK(parse_record(record_to_json(measured()), "r.json").value.timeline.empty());
  CHECK_FALSE(measured().sent);
}

TEST_CASE("a record of a CUDA device that is written and read again is the same") {
  Record record = measured();
  record.backend = "cuda";
  record.compute_capability = "9.0";
  record.witness = Witness{std::string(kCuptiWitness), 5_MiB, 0_B};
  record.device_memory = DeviceMemory{80_GiB, 79_GiB, 500_MiB, 20_MiB, 0_B, 5_MiB, 32_MiB, 584_MiB};
  record.cupti = CuptiTrace{5_MiB, 5_MiB, 32_MiB, 34_MiB, 7, 6, 1, 2, 3, {{"head", 4_MiB}}, {{"gemm", 2, {0.5}}}};
  CHECK(parse_record(record_to_json(record), "r.json").value == record);
  record.device_memory->context.reset();
  record.device_memory->local_memory.reset();
  record.cupti->driver_peak.reset();
  CHECK(parse_record(record_to_json(record), "r.json").value == record);
}

TEST_CASE("device figures that cannot be are refused with their key") {
  Record record = measured();
  record.device_memory = DeviceMemory{80_GiB, 81_GiB, 500_MiB, 20_MiB, 0_B, 5_MiB, 32_MiB, 584_MiB};
  CHECK_THAT(refusal(record_to_json(record)), contains("device_memory.free must not exceed device_memory.total"));
  record.device_memory->free = 79_GiB;
  record.device_memory->peak = Bytes(-1);
  CHECK_THAT(refusal(record_to_json(record)), contains("device_memory.peak must be at least 0, not -1"));
}

TEST_CASE("a record has one run a repeat, one loss a step, and the same peak in every run") {
  measure::MeasureOptions options;
  options.repeats = 2;
  options.steps = 3;
  const Record record = measured(options);
  REQUIRE(record.runs.size() == 2);
  CHECK(record.notes.empty());
  for (const MeasuredRun& run : record.runs) {
    CHECK(run.peak == record.allocated.total);
    CHECK(run.steps.size() == 3);
    CHECK(run.losses == record.runs[0].losses);
    CHECK(run.instants.front().instant == "set-up");
  }
  CHECK(record.allocated.categories.total() == record.allocated.total);
}

TEST_CASE("the timeline tells births and deaths whose running sum has the peak as its largest value") {
  measure::MeasureOptions options;
  options.timeline = true;
  options.steps = 2;
  const Record record = measured(options);
  Bytes live, most;
  for (const TensorEvent& event : record.timeline) {
    live += event.birth ? event.bytes : Bytes(0) - event.bytes;
    most = std::max(most, live);
  }
  CHECK(most == record.allocated.total);
}

TEST_CASE("a record of a later version is refused in a sentence") {
  const std::string text = replaced(record_to_json(measured()), "record/1", "record/2");
  CHECK(
      refusal(text) ==
      "r.json says \"headroom\": 'record/2'; expected is \"headroom\": \"record/1\"; another version of headroom wrote "
      "it");
}

TEST_CASE("a record that does not hold together is refused with file and key") {
  const std::string text = record_to_json(measured());
  const std::string total = std::to_string(measured().allocated.total.count());
  CHECK_THAT(refusal(replaced(text, "\"total\": " + total, "\"total\": 1")), contains("categories sum to " + total));
  CHECK_THAT(refusal(replaced(text, "\"backend\"", "\"backnd\"")), contains("the key 'backend' is missing"));
  CHECK_THAT(refusal(replaced(text, "\"gradients\"", "\"gradient\"")), contains("did you mean 'gradients'?"));
  CHECK_THAT(refusal(replaced(text, "\"losses\"", "\"loses\"")), contains("unknown key 'loses'"));
  CHECK_THAT(refusal(replaced(text, "\"seq\": 13", "\"seq\": 0")), contains("job.seq must be given"));
  CHECK_THAT(refusal(replaced(text, "\"losses\": [\n", "\"losses\": [null,\n")), contains("must be a number"));
  CHECK_THAT(refusal(text.substr(0, text.size() / 2)), contains("is not valid JSON"));
}

TEST_CASE("a job that cannot be run is refused in a sentence") {
  test::Bench bench;
  const auto refusal_of = [&](const Job& job, const measure::MeasureOptions& options = {}) -> std::string {
    try {
      (void)measure::measure(*bench.backend, bench.resource, job, options);
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  };
  Job job = smallest();
  job.seq = Tokens(0);
  CHECK_THAT(refusal_of(job), contains("no sequence length"));
  job = smallest();
  job.batch = kMaxSize;
  job.seq = Tokens(kMaxSize);
  CHECK_THAT(refusal_of(job), contains("2^63-1"));
  job = smallest();
  job.model.layer_runs = {{kMaxSize, {0}}};
  CHECK_THAT(refusal_of(job), contains("layers; at most"));
  job = smallest();
  job.method.feed_forward = FeedForward::blockwise;
  CHECK_THAT(refusal_of(job), contains("needs attention 'flash' or 'memory-efficient'"));
  measure::MeasureOptions options;
  options.steps = 0;
  CHECK(refusal_of(smallest(), options) == "steps must be at least 1, not 0");
}

TEST_CASE("the record that the page shows can be read") {
  std::ifstream file(HEADROOM_RECORDS_PAGE);
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  const auto begin = page.find("```json\n");
  REQUIRE(begin != std::string::npos);
  const auto end = page.find("```", begin + 8);
  const Record record = parse_record(page.substr(begin + 8, end - begin - 8), "docs/records.md").value;
  CHECK(record.allocated.instant == "head");
  CHECK(record.job.model.name == "gpt2");
}

TEST_CASE("a record of inference has its peak, its instants and no losses, and is read as it was written") {
  test::Bench bench;
  Job job = smallest();
  job.mode = Mode::inference;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(5)};
  measure::MeasureOptions options;
  options.repeats = options.steps = 2;
  options.timeline = true;
  Record record = measure::measure(*bench.backend, bench.resource, job, options);
  record.device = "a processor";
  CHECK(parse_record(record_to_json(record), "r.json").value == record);
  CHECK(record.notes.empty());
  REQUIRE(record.runs.size() == 2);
  CHECK(record.runs[1].losses.empty());
  CHECK(record.runs[1].steps.size() == 2);
  CHECK(record.runs[1].peak == record.allocated.total);
  std::vector<std::string> instants;
  for (const InstantTime& time : record.runs[0].instants) instants.push_back(time.instant);
  CHECK(instants == std::vector<std::string>{"set-up", "prefill embedding", "prefill layer", "prefill head",
                                             "decode embedding", "decode layer", "decode head"});
  // One layer, keys and values of 2 sequences of 13 tokens with 2 heads of 6.
  CHECK(record.allocated.categories[Category::kv_cache] == Bytes(2 * 2 * 13 * 12 * 4));
  CHECK(record.allocated.categories[Category::optimizer_state] == Bytes(0));
}

#include <headroom/models/read.h>
#include <headroom/sim/max_batch.h>

#include "ask.h"
#include "catch.h"

using headroom::name_of;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::join;
using headroom::test::lines_of;
using headroom::test::llama;
using nlohmann::ordered_json;

namespace {

Arguments at_4k(const Arguments& more) { return join(llama({"max-batch", "--seq", "4K"}), more); }

}  // namespace

TEST_CASE("max-batch in JSON says what the library says, for every method") {
  const ordered_json json = ask_json(at_4k({}));
  CHECK(json["schema"] == "headroom/max-batch/1");
  CHECK(json["fits"] == true);
  REQUIRE(json["results"].size() > 3);
  for (const ordered_json& result : json["results"]) {
    const headroom::Job job = headroom::parse_job(result["job"].dump(), "job").value;
    const auto expected = headroom::sim::max_batch(job);
    CHECK(result["max_batch"] == expected.batch);
    CHECK(job.batch == expected.batch);
    CHECK(result["shortfall_bytes"] == expected.shortfall.count());
    CHECK(result["breakdown"]["allocated_bytes"] == expected.breakdown.allocated.count());
    CHECK(result["breakdown"]["binding"] == name_of(expected.breakdown.binding));
    CHECK(result["next_wall"]["batch"] == expected.next_wall.batch);
    CHECK(result["next_wall"]["binding"] == name_of(expected.next_wall.binding));
  }
}

TEST_CASE("The largest batch fits and one sequence more does not, as breakdown says") {
  const std::int64_t batch = ask_json(at_4k({"--method", "mst"}))["results"][0]["max_batch"];
  REQUIRE(batch > 0);
  const auto code_at = [](std::int64_t b) {
    return ask(llama({"breakdown", "--method", "mst", "--seq", "4K", "--batch", std::to_string(b)})).code;
  };
  CHECK(code_at(batch) == 0);
  CHECK(code_at(batch + 1) == 3);
}

TEST_CASE("Devices are arranged so that most sequences run at a time") {
  const ordered_json json = ask_json(at_4k({"--method", "flash", "--sharding", "zero3", "--devices", "4"}));
  CHECK(json["results"][0]["max_batch"] > 0);
  CHECK_THAT(json["notes"].dump(), contains("runs most sequences at a time"));
}

TEST_CASE("Where host memory ends the batch, max-batch says so") {
  const Arguments offload{"--method", "mst", "--offload-checkpoints", "--host-memory", "2GiB"};
  const ordered_json host = ask_json(at_4k(offload))["results"][0]["host"];
  CHECK(host["binds"] == true);
  CHECK(host["capacity_bytes"] == std::int64_t{2} << 30);
  CHECK_THAT(ask(at_4k(offload)).out, contains("too much for the host memory, which binds"));
}

TEST_CASE("max-batch ends with 3 where not one sequence fits, and says what length would") {
  const auto answer = ask(llama({"max-batch", "--method", "flash", "--seq", "256K"}));
  CHECK(answer.code == 3);
  CHECK_THAT(answer.out, contains("Not one sequence fits") && contains("34,304"));
  CHECK(ask_json(llama({"max-batch", "--method", "flash", "--seq", "256K"}))["results"][0]["max_batch"] == 0);
}

TEST_CASE("max-batch has a record for each method, refused ones too") {
  const auto answer = ask(at_4k({"--feed-forward", "blockwise", "--format", "csv"}));
  CHECK(answer.code == 0);
  const auto lines = lines_of(answer.out);
  CHECK_THAT(lines[0], contains("method,refused,seq_tokens,max_batch"));
  CHECK_THAT(lines[1], contains("vanilla,\"blockwise feed-forward"));
}

TEST_CASE("max-batch needs a length and looks for the batch itself") {
  CHECK_THAT(ask(llama({"max-batch"})).err, contains("--seq is missing"));
  CHECK_THAT(ask(at_4k({"--batch", "2"})).err, contains("--batch is what max-batch looks for"));
  CHECK(ask(at_4k({"--batch", "2"})).code == 2);
}

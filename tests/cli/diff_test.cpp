#include <cstdlib>
#include <fstream>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::join;
using headroom::test::llama;
using headroom::test::TemporaryFile;
using nlohmann::ordered_json;

namespace {

Arguments flash_at_16k(const Arguments& more) {
  return join(llama({"diff", "--method", "flash", "--seq", "16K"}), more);
}

std::int64_t sum_of(const ordered_json& terms, const std::string& memory, const std::string& side) {
  std::int64_t sum = 0;
  for (const ordered_json& term : terms) {
    if (term["memory"] == memory) sum += term[side]["total_bytes"].get<std::int64_t>();
  }
  return sum;
}

void save_job(const std::string& path, const Arguments& more) {
  REQUIRE(ask(join(llama({"explain", "--seq", "16K", "--save-job", path}), more)).code != 2);
}

}  // namespace

TEST_CASE("The terms of a diff sum to what breakdown says of each job") {
  for (const Arguments& with :
       {Arguments{"--with", "head=chunked"}, Arguments{"--with", "method=bpt"},
        Arguments{"--with", "seq=32K", "--with", "recompute=none"}, Arguments{"--with", "offload-checkpoints=true"},
        Arguments{"--with", "model=gpt2", "--with", "hardware=H200"}}) {
    const ordered_json json = ask_json(flash_at_16k(with));
    CHECK(json["schema"] == "headroom/diff/1");
    for (const std::string side : {"first", "second"}) {
      CHECK(sum_of(json["terms"], "device", side) == json[side]["breakdown"]["device_bytes"]);
      CHECK(sum_of(json["terms"], "host", side) == json[side]["breakdown"]["host_bytes"]);
      CHECK_FALSE(json[side]["assumptions"].empty());
    }
    std::int64_t before = INT64_MAX;
    for (const ordered_json& term : json["terms"]) {
      const std::int64_t difference = std::abs(term["difference_bytes"].get<std::int64_t>());
      CHECK(difference <= before);
      before = difference;
    }
  }
}

TEST_CASE("A diff lists the settings that differ and nothing else") {
  const ordered_json settings = ask_json(flash_at_16k({"--with", "head=chunked", "--with", "batch=2"}))["settings"];
  REQUIRE(settings.size() >= 2);
  CHECK(settings[0]["name"] == "head");
  CHECK(settings[0]["first"] == "dense-fp32");
  CHECK(settings[0]["second"] == "chunked");
  CHECK(settings.back()["name"] == "batch");
}

TEST_CASE("Two job files and the same change by --with make the same diff") {
  const TemporaryFile one("one.json");
  const TemporaryFile two("two.json");
  save_job(one.path(), {"--method", "flash"});
  save_job(two.path(), {"--method", "flash", "--recompute", "none"});
  const auto by_files = ask({"diff", one.path(), two.path()});
  CHECK(by_files.code == 0);
  CHECK(by_files.out == ask(flash_at_16k({"--with", "recompute=none"})).out);
  CHECK(by_files.out == ask({"diff", one.path(), "--with", "recompute=none"}).out);
  CHECK(by_files.out == ask({"diff", "--job", one.path(), "--with", "recompute=none"}).out);
}

TEST_CASE("Options beside two job files override both") {
  const TemporaryFile one("override-one.json");
  const TemporaryFile two("override-two.json");
  save_job(one.path(), {"--method", "flash"});
  save_job(two.path(), {"--method", "mst"});
  const ordered_json json = ask_json({"diff", one.path(), two.path(), "--batch", "3", "--seq", "4K"});
  for (const char* side : {"first", "second"}) {
    CHECK(json[side]["job"]["batch"] == 3);
    CHECK(json[side]["breakdown"]["seq_tokens"] == 4096);
  }
}

TEST_CASE("Another method brings its own choices, below the options typed and the changes") {
  const ordered_json json = ask_json(
      flash_at_16k({"--head-chunk", "512", "--with", "head=fused", "--with", "method=mst", "--with", "seq=8K"}));
  CHECK(json["second"]["job"]["method"]["name"] == "mst");
  CHECK(json["second"]["job"]["method"]["head"] == "fused");
  CHECK(json["second"]["job"]["method"]["head_chunk"] == 512);
  CHECK(json["second"]["job"]["method"]["feed_forward"] == "chunked");
  CHECK(json["second"]["breakdown"]["seq_tokens"] == 8192);
}

TEST_CASE("Equal jobs differ in nothing, and diff ends with 0 where neither fits") {
  const auto same = ask(flash_at_16k({"--with", "head=dense-fp32"}));
  CHECK(same.code == 0);
  CHECK_THAT(same.out, contains("no setting"));
  CHECK(ask(llama({"diff", "--method", "vanilla", "--seq", "1M", "--with", "method=flash"})).code == 0);
}

TEST_CASE("A diff in CSV has a record for each term") {
  const auto answer = ask(flash_at_16k({"--with", "head=chunked", "--format", "csv"}));
  const auto lines = headroom::test::lines_of(answer.out);
  CHECK(lines.size() == 1 + ask_json(flash_at_16k({"--with", "head=chunked"}))["terms"].size());
  CHECK_THAT(lines[0], contains("memory,category,name,difference_bytes"));
}

TEST_CASE("A diff without its second job, or with too many, is refused in a sentence") {
  const TemporaryFile one("refused.json");
  save_job(one.path(), {"--method", "flash"});
  const auto refusal = [](const Arguments& arguments) {
    const auto answer = ask(arguments);
    CHECK(answer.code == 2);
    CHECK(answer.out.empty());
    return answer.err;
  };
  CHECK_THAT(refusal(flash_at_16k({})), contains("the second job is missing"));
  CHECK_THAT(refusal({"diff", one.path()}), contains("the second job is missing"));
  CHECK_THAT(refusal({"diff", one.path(), one.path(), one.path()}), contains("two job files at most"));
  CHECK_THAT(refusal({"diff", one.path(), one.path(), "--with", "batch=2"}), contains("exclude each other"));
  CHECK_THAT(refusal({"diff", one.path(), "--job", one.path(), "--with", "batch=2"}), contains("exclude each other"));
  CHECK_THAT(refusal({"diff", one.path(), "missing.json"}), contains("missing.json"));
  CHECK_THAT(refusal(flash_at_16k({"--with", "recompte=none"})), contains("did you mean 'recompute'?"));
  CHECK_THAT(refusal(flash_at_16k({"--with", "recompute"})), contains("--with needs NAME=VALUE"));
  CHECK_THAT(refusal(flash_at_16k({"--with", "recompute=nine"})), contains("--with recompute"));
  CHECK_THAT(refusal(flash_at_16k({"--with", "seq=0"})), contains("--with seq"));
  CHECK_THAT(refusal(flash_at_16k({"--with", "tensor-parallel=7"})), contains("the second job: "));
}

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <headroom/models/error.h>

#include "ask.h"
#include "catch.h"
#include "in_order.h"
#include "progress.h"
#include "text.h"

using headroom::test::Answer;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::join;
using headroom::test::lines_of;
using headroom::test::llama;
using headroom::test::TemporaryFile;
using nlohmann::ordered_json;

namespace {

Arguments sweep(const Arguments& more) { return join(llama({"sweep"}), more); }

/// The rows of a sweep in JSON lines, without the first line.
std::vector<ordered_json> rows_of(const Arguments& arguments) {
  std::vector<ordered_json> rows;
  for (const std::string& line : lines_of(ask(join(arguments, {"--format", "jsonl"})).out)) {
    rows.push_back(ordered_json::parse(line));
  }
  REQUIRE_FALSE(rows.empty());
  rows.erase(rows.begin());
  return rows;
}

std::string refusal(const Arguments& arguments) {
  const Answer answer = ask(sweep(arguments));
  CHECK(answer.code == 2);
  CHECK(answer.out.empty());
  CHECK(lines_of(answer.err).size() == 1);
  return answer.err;
}

}  // namespace

TEST_CASE("Every row of a sweep over lengths says what breakdown says") {
  const auto rows =
      rows_of(sweep({"--vary", "method=flash,mst", "--vary", "recompute=full,every:2", "--vary", "seq=8K:128K:*4"}));
  REQUIRE(rows.size() == 12);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i]["row"] == i);
    const std::string method = rows[i]["values"]["method"];
    const std::string recompute = rows[i]["values"]["recompute"];
    const std::string seq = std::to_string(rows[i]["seq_tokens"].get<std::int64_t>());
    const ordered_json one = ask_json(llama({"breakdown", "--method", method, "--recompute", recompute, "--seq", seq}));
    CHECK(rows[i]["fits"] == one["fits"]);
    for (const char* key : {"allocated_bytes", "device_bytes", "host_bytes", "instant", "layer", "binding"}) {
      CHECK(rows[i][key] == one["breakdown"][key]);
    }
    CHECK(rows[i]["capacity_bytes"] == one["capacity_bytes"]);
  }
}

TEST_CASE("Without lengths every row of a sweep says what max-context says") {
  const auto rows =
      rows_of({"sweep", "--model", "llama-3-8b", "--precision", "bf16", "--optimizer-states", "bf16", "--vary",
               "hardware=A100-80GB,H200", "--vary", "method=flash,mst", "--head", "chunked", "--grid", "1K"});
  REQUIRE(rows.size() == 4);
  for (const ordered_json& row : rows) {
    const ordered_json one =
        ask_json({"max-context", "--model", "llama-3-8b", "--precision", "bf16", "--optimizer-states", "bf16",
                  "--hardware", row["values"]["hardware"], "--method", row["values"]["method"], "--head", "chunked",
                  "--grid", "1K"})["results"][0];
    CHECK(row["max_context_tokens"] == one["max_context_tokens"]);
    CHECK(row["device_bytes"] == one["breakdown"]["device_bytes"]);
    CHECK(row["binding"] == one["breakdown"]["binding"]);
    CHECK(row["host_binds"] == false);
  }
}

TEST_CASE("Rows of a sweep stand in one order, with lengths fastest, however many threads answer") {
  const Arguments question =
      sweep({"--method", "flash", "--vary", "seq=256:1M:+256", "--vary", "batch=1,2,3,4", "--format", "csv"});
  const Answer answer = ask(question);
  CHECK(answer.code == 0);
  const auto lines = lines_of(answer.out);
  REQUIRE(lines.size() == 1 + 4 * 4096);
  CHECK_THAT(lines[0], contains("batch,seq_tokens,refused,fits"));
  CHECK_THAT(lines[1], contains("1,256,"));
  CHECK_THAT(lines[2], contains("1,512,"));
  CHECK_THAT(lines.back(), contains("4,1048576,"));
  for (int i = 0; i < 3; ++i) CHECK(ask(question).out == answer.out);
}

TEST_CASE("A refused combination is a row with its sentence, or left out and counted") {
  const Arguments question =
      sweep({"--vary", "method=vanilla,flash", "--vary", "feed-forward=whole,blockwise", "--seq", "8K"});
  const auto rows = rows_of(question);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["refused"] == nullptr);
  CHECK_THAT(rows[1]["refused"].get<std::string>(), contains("blockwise feed-forward"));
  CHECK(rows[1]["fits"] == false);
  CHECK_FALSE(rows[1].contains("allocated_bytes"));
  const Answer skipped = ask(join(question, {"--skip-refused", "--format", "csv"}));
  const auto refused =
      std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row["refused"] != nullptr; });
  CHECK(lines_of(skipped.out).size() == 5 - static_cast<std::size_t>(refused));
  CHECK_THAT(skipped.err, contains("left out 1: blockwise feed-forward"));
  CHECK_THAT(skipped.err, contains("4 jobs: "));
}

TEST_CASE("Every record of a sweep has as many fields as its header") {
  for (const Arguments& question :
       {sweep({"--vary", "method=ring,flash", "--sequence-parallel", "3", "--vary", "seq=1000:3000:+1000"}),
        sweep({"--vary", "method=ring,flash", "--sequence-parallel", "3"})}) {
    const auto lines = lines_of(ask(join(question, {"--format", "csv"})).out);
    const auto commas = [](const std::string& line) {
      bool is_quoted = false;
      return std::count_if(line.begin(), line.end(), [&](char c) {
        if (c == '"') is_quoted = !is_quoted;
        return c == ',' && !is_quoted;
      });
    };
    for (const std::string& line : lines) CHECK(commas(line) == commas(lines.front()));
  }
}

TEST_CASE("A sweep ends with 0 where a job fits and with 3 where none does") {
  CHECK(ask(sweep({"--method", "flash", "--vary", "seq=8K,1M"})).code == 0);
  CHECK(ask(sweep({"--method", "flash", "--vary", "seq=512K,1M"})).code == 3);
  const Answer refused = ask(sweep({"--method", "vanilla", "--feed-forward", "blockwise", "--vary", "seq=8K,16K"}));
  CHECK(refused.code == 3);
  CHECK_THAT(refused.err, contains("2 jobs: 0 fit, 0 do not fit, 2 are refused"));
}

TEST_CASE("The first of a sweep's JSON lines says what holds for all rows") {
  const Answer answer = ask(sweep({"--method", "flash", "--vary", "batch=1:8:*2", "--seq", "4K", "--format", "jsonl"}));
  const ordered_json first = ordered_json::parse(lines_of(answer.out).front());
  CHECK(first["schema"] == "headroom/sweep/1");
  CHECK(first["rows"] == 4);
  CHECK(first["axes"] == ordered_json{"batch"});
  CHECK(first["at"] == "length");
  CHECK_FALSE(first["assumptions"].empty());
  CHECK(ordered_json::parse(lines_of(answer.out)[3])["values"]["batch"] == 4);
}

TEST_CASE("A table of a sweep fits 80 columns") {
  for (const Arguments& question :
       {sweep({"--vary", "method=flash,fpdt,mst", "--vary", "recompute=none,full", "--vary", "seq=8K:1M:*4"}),
        sweep({"--method", "fpdt", "--vary", "seq=1M:1G:*1024"}), sweep({"--vary", "method=vanilla,ring,bpt"}),
        join({"sweep", "--hardware", "B200", "--method", "mst", "--seq", "8K"},
             {"--vary", "model=llama-3-8b,qwen2.5-7b,gpt2", "--vary", "batch=1,1K"})}) {
    for (const std::string& line : lines_of(ask(question).out)) {
      INFO(line);
      CHECK(headroom::cli::display_width(line) <= headroom::cli::kColumns);
    }
  }
}

TEST_CASE("What cannot be swept is refused in a sentence") {
  const Arguments flash{"--method", "flash"};
  CHECK_THAT(refusal(flash), contains("what varies is missing"));
  CHECK_THAT(refusal(join(flash, {"--vary", "recompte=none"})), contains("did you mean 'recompute'?"));
  CHECK_THAT(refusal(join(flash, {"--vary", "recompute"})), contains("--vary needs NAME=VALUE"));
  CHECK_THAT(refusal(join(flash, {"--vary", "recompute="})), contains("--vary recompute has an empty value"));
  CHECK_THAT(refusal(join(flash, {"--vary", "recompute=none,,full"})), contains("empty value"));
  CHECK_THAT(refusal(join(flash, {"--vary", "recompute=non"})), contains("--vary recompute"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=1M:8K:*2"})), contains("ends before it begins"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=8K:1M:*1"})), contains("stands still"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=8K:1M:+0"})), contains("stands still"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=8K:1M"})), contains("FIRST:LAST:*FACTOR"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=8K:1M:2"})), contains("FIRST:LAST:*FACTOR"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=0,8K"})), contains("--vary seq"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=x"})), contains("--vary seq"));
  CHECK_THAT(refusal(join(flash, {"--vary", "batch=0:4:+1"})), contains("--vary batch"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=8K", "--vary", "seq=16K"})), contains("more than once"));
  CHECK_THAT(refusal(join(flash, {"--vary", "method=bpt"})), contains("--method and --vary method exclude"));
  CHECK_THAT(refusal(join(flash, {"--seq", "8K", "--vary", "seq=16K"})), contains("--seq and --vary seq exclude"));
  CHECK_THAT(refusal(join(flash, {"--recompute", "none", "--vary", "recompute=full"})), contains("exclude each other"));
  CHECK_THAT(refusal(join(flash, {"--devices", "4", "--vary", "seq=16K"})), contains("vary the degrees"));
  CHECK_THAT(refusal(join(flash, {"--save-job", "x.json", "--vary", "seq=16K"})), contains("--save-job"));
  CHECK_THAT(refusal(join(flash, {"--vary", "model=no-model"})), contains("no-model"));
  CHECK_THAT(refusal(join(flash, {"--job", "missing.json", "--vary", "seq=8K"})), contains("missing.json"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=1:2000:+1"})), contains("--format csv or jsonl"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=1:1T:+1", "--vary", "batch=1:1T:+1", "--format", "csv"})),
             contains("--vary"));
  CHECK_THAT(refusal(join(flash, {"--vary", "seq=1:1048576M:+1", "--vary", "batch=1:1048576M:+1", "--format", "csv"})),
             contains("more than 2^63-1 jobs"));
}

TEST_CASE("A sweep goes to the file named, whole, and a file that cannot be written is an error that names it") {
  const TemporaryFile file("sweep.csv");
  const Arguments question = sweep({"--method", "flash", "--vary", "seq=1:20K:+1", "--format", "csv"});
  const Answer answer = ask(join(question, {"--output", file.path()}));
  CHECK(answer.code == 0);
  CHECK(answer.out.empty());
  std::ostringstream content;
  content << std::ifstream(file.path()).rdbuf();
  CHECK(content.str() == ask(question).out);
  for (const std::string path : {"/dev/full", "/nowhere/sweep.csv"}) {
    const Answer full = ask(join(question, {"--output", path}));
    CHECK(full.code == 2);
    CHECK_THAT(full.err, contains("cannot write " + path));
  }
}

TEST_CASE("Blocks computed on all cores come in their order, with the error of the one that failed") {
  headroom::cli::InOrder squares(1000, [](std::int64_t block) { return block * block; });
  for (std::int64_t i = 0; i < 1000; ++i) REQUIRE(squares.take() == i * i);
  headroom::cli::InOrder failing(100, [](std::int64_t block) {
    if (block == 7) throw headroom::InputError("the seventh");
    return block;
  });
  for (std::int64_t i = 0; i < 7; ++i) REQUIRE(failing.take() == i);
  CHECK_THROWS_WITH(failing.take(), contains("the seventh"));
}

TEST_CASE("Progress says how much is done, of how much, and how long it takes") {
  using std::chrono::seconds;
  CHECK(headroom::cli::progress_text(250'000, 1'000'000, seconds(2)) ==
        " 25 %  ██████░░░░░░░░░░░░░░░░░░  250,000 of 1,000,000 jobs, 6 s left");
  CHECK_THAT(headroom::cli::progress_text(0, 10, seconds(0)), contains("0 of 10 jobs") && !contains("left"));
}

#include <cstdio>
#include <filesystem>

#include <headroom/models/read.h>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::llama;
using headroom::test::TemporaryFile;

TEST_CASE("A saved job gives the same answer when it is read") {
  const TemporaryFile file("job.json");
  const Arguments question{"--method", "mst",         "--head",  "fused",   "--ffn-chunk",
                           "2K",       "--recompute", "every:4", "--batch", "2"};
  const auto saved = ask(headroom::test::join(llama({"max-context", "--save-job", file.path()}), question));
  REQUIRE(saved.code == 0);
  const auto read = ask({"max-context", "--job", file.path()});
  CHECK(read.code == 0);
  CHECK(read.out == saved.out);
}

TEST_CASE("A saved job keeps its length") {
  const TemporaryFile file("seq.json");
  const auto saved = ask(llama({"breakdown", "--method", "flash", "--seq", "8K", "--save-job", file.path()}));
  CHECK(ask({"breakdown", "--job", file.path()}).out == saved.out);
  CHECK(ask({"explain", "--job", file.path()}).code == 0);
}

TEST_CASE("Options beside a job file override it") {
  const TemporaryFile file("override.json");
  REQUIRE(ask(llama({"max-context", "--method", "mst", "--save-job", file.path(), "--dropout"})).code == 0);
  const auto job = ask_json({"max-context", "--job", file.path(), "--hardware", "h200", "--batch", "3", "--head",
                             "dense", "--no-dropout"})["results"][0]["job"];
  CHECK(job["device"]["name"] == "H200");
  CHECK(job["batch"] == 3);
  CHECK(job["method"]["name"] == "mst");
  CHECK(job["method"]["head"] == "dense");
  CHECK(job["dropout"] == false);
  CHECK(job["precision"] == "bf16");
  CHECK(ask_json({"max-context", "--job", file.path(), "--method",
                  "bpt"})["results"][0]["job"]["method"]["feed_forward"] == "blockwise");
  CHECK(ask_json({"max-context", "--job", file.path(), "--method", "all"})["results"].size() > 1);
}

TEST_CASE("A list of methods, or a combination that is refused, is not saved") {
  const TemporaryFile file("list.json");
  CHECK_THAT(ask(llama({"max-context", "--save-job", file.path()})).err, contains("--save-job needs --method"));
  CHECK(ask(llama({"max-context", "--method", "vanilla", "--feed-forward", "blockwise", "--save-job", file.path()}))
            .code == 2);
  CHECK_FALSE(std::filesystem::exists(file.path()));
}

TEST_CASE("A job that cannot be written is an error that names the file") {
  const auto answer = ask(llama({"max-context", "--method", "flash", "--save-job", "/nowhere/job.json"}));
  CHECK(answer.code == 2);
  CHECK_THAT(answer.err, contains("/nowhere/job.json"));
}

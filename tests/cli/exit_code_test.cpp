#include <algorithm>

#include "ask.h"
#include "catch.h"

using headroom::test::ask;
using headroom::test::contains;
using headroom::test::llama;

namespace {

/// Llama-3-8B with fp32 states: 16 bytes a parameter, more than the device has.
headroom::test::Arguments too_big(const headroom::test::Arguments& question) {
  return headroom::test::join(question, {"--model", "llama-3-8b", "--hardware", "A100-80GB", "--precision", "bf16"});
}

}  // namespace

TEST_CASE("max-context ends with 0 where a method fits and with 3 where none does") {
  CHECK(ask(llama({"max-context"})).code == 0);
  CHECK(ask(too_big({"max-context"})).code == 3);
  CHECK(ask(too_big({"max-context", "--method", "mst"})).code == 3);
}

TEST_CASE("breakdown and explain end with 3 beyond the capacity and still print their result") {
  for (const std::string command : {"breakdown", "explain"}) {
    CHECK(ask(llama({command, "--method", "flash", "--seq", "32K"})).code == 0);
    const auto answer = ask(llama({command, "--method", "flash", "--seq", "64K"}));
    CHECK(answer.code == 3);
    CHECK_THAT(answer.out, contains("does not fit") && contains("head and loss") && contains("allocated"));
  }
}

TEST_CASE("compare ends with 0 where at least one method fits") {
  CHECK(ask(llama({"compare", "--seq", "64K"})).code == 0);
  CHECK(ask(llama({"compare", "--seq", "1M"})).code == 3);
  CHECK(ask(llama({"compare"})).code == 0);
}

TEST_CASE("Lists, help and the version end with 0") {
  for (const std::string command : {"models", "hardware", "methods", "overlap", "reproduce", "--help", "--version"})
    CHECK(ask({command}).code == 0);
  for (const std::string command :
       {"max-context", "breakdown", "compare", "explain", "models", "overlap", "reproduce"}) {
    CHECK(ask({command, "--help"}).code == 0);
  }
}

TEST_CASE("Where nothing fits one sentence says so, why, and what would") {
  const auto answer = ask(too_big({"max-context"}));
  CHECK_THAT(answer.out, contains("Nothing fits: parameters, gradients and optimizer state alone need 89.75 GiB of"));
  CHECK_THAT(answer.out,
             contains("79.15 GiB") && contains("--optimizer-states int8") && contains("--hardware H100-NVL"));
  CHECK(std::count(answer.out.begin(), answer.out.end(), ';') == 1);
}

TEST_CASE("Each way out that is offered fits") {
  const auto json = headroom::test::ask_json(too_big({"max-context"}));
  REQUIRE(json["suggestions"].size() >= 2);
  for (const auto& way : json["suggestions"]) {
    const std::string option = way["option"];
    const std::string name = option.substr(0, option.find(' '));
    const std::string value = option.substr(option.find(' ') + 1);
    auto changed = too_big({"max-context", "--method", way["method"]});
    const auto given = std::find(changed.begin(), changed.end(), name);
    if (given != changed.end()) changed.erase(given, given + 2);
    const auto answer = headroom::test::ask_json(headroom::test::join(changed, {name, value}));
    CHECK(answer["results"][0]["max_context_tokens"] == way["max_context_tokens"]);
    CHECK(answer["fits"] == true);
  }
}

#include <fstream>

#include <headroom/models/reproduction.h>

#include "ask.h"
#include "catch.h"
#include "text.h"

using headroom::reproduction_names;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::lines_of;
using headroom::test::TemporaryFile;

namespace {

/// A file with one row about ZeRO's baseline, 16 bytes of 2 parameters, printed as 33 bytes.
std::string file(const std::string& keys) {
  return R"({"headroom": "reproduction/1", "name": "mine", "title": "Mine", "source": "A paper",
             "settings": [{"name": "x", "symbols": {"P": 2}, "source": "table 1"}],
             "rows": [{"name": "r", "printed": "33", "unit": "B", "certainty": "paper", "use": ["x"],
                       "formula": "zero-baseline")" +
         keys + "}]}";
}

std::vector<std::string> keys_of(const nlohmann::ordered_json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("reproduce without a name lists every table with its gates") {
  const auto json = ask_json({"reproduce"});
  CHECK(json["schema"] == "headroom/reproductions/1");
  CHECK(json["agrees"] == true);
  REQUIRE(json["reproductions"].size() == reproduction_names().size());
  std::size_t i = 0;
  for (const std::string_view name : reproduction_names()) {
    const auto& entry = json["reproductions"][i++];
    CHECK(entry["name"] == name);
    CHECK(entry["gates"] == entry["gates_held"]);
  }
}

TEST_CASE("reproduce --all prints every table within 80 columns and ends with 0 where every gate holds") {
  const auto answer = ask({"reproduce", "--all"});
  CHECK(answer.code == 0);
  CHECK(answer.err.empty());
  for (const std::string& line : lines_of(answer.out)) {
    INFO(line);
    CHECK(headroom::cli::display_width(line) <= 80);
  }
  for (const std::string_view name : reproduction_names()) CHECK_THAT(answer.out, contains(std::string(name) + ": "));
}

TEST_CASE("reproduce ends with 1 where a gate fails and still prints its result") {
  const TemporaryFile path("failing-reproduction.json");
  std::ofstream(path.path()) << file(R"(, "gate": "exact")");
  const auto answer = ask({"reproduce", path.path()});
  CHECK(answer.code == 1);
  CHECK_THAT(answer.out, contains("FAILS") && contains("-3.03 %") && contains("mine: 0 of 1 gates hold"));
  CHECK(ask_json({"reproduce", path.path()})["agrees"] == false);
  std::ofstream(path.path()) << file(R"(, "gate": "within", "tolerance": "1")");
  CHECK(ask({"reproduce", path.path()}).code == 0);
}

TEST_CASE("a broken reproduction file is refused with the file, the row and the key") {
  const TemporaryFile path("broken-reproduction.json");
  const std::pair<std::string, std::string> rows[] = {
      {R"(, "gate": "maybe")", ": rows[0].gate"},
      {R"(, "gaet": "exact")", ": rows[0]: unknown key 'gaet'; did you mean 'gate'?"},
      {R"(, "relative_to": "zero-9")", ": rows[0]: there is no such formula; did you mean 'zero-"},
      {R"(, "symbols": {"P": -1})", ": rows[0].symbols.P: must be at least 1"},
  };
  for (const auto& [keys, sentence] : rows) {
    std::ofstream(path.path()) << file(keys);
    const auto answer = ask({"reproduce", path.path()});
    CHECK(answer.code == 2);
    CHECK(answer.out.empty());
    CHECK_THAT(answer.err, contains("headroom: " + path.path() + sentence));
  }
}

TEST_CASE("reproduce refuses unknown names and names beside --all") {
  const auto unknown = ask({"reproduce", "ring-table-9"});
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.err, contains("there is no reproduction 'ring-table-9'; did you mean 'ring-table-"));
  CHECK(ask({"reproduce", "--all", "ring-table-1"}).code == 2);
}

TEST_CASE("the keys of reproduce in JSON are those that docs/cli-json.md names, in order") {
  const auto json = ask_json({"reproduce", "bpt-table-2"});
  CHECK(json["schema"] == "headroom/reproduce/1");
  CHECK(keys_of(json) == std::vector<std::string>{"schema", "agrees", "reproductions", "notes"});
  const auto& table = json["reproductions"][0];
  CHECK(keys_of(table) == std::vector<std::string>{"name", "title", "source", "gates", "gates_held", "rows_reported",
                                                   "rows_not_derived", "settings", "contradictions", "rows", "checks"});
  CHECK(keys_of(table["settings"][0]) == std::vector<std::string>{"name", "text", "source"});
  const auto& row = table["rows"][3];
  CHECK(keys_of(row) == std::vector<std::string>{
                            "name",        "group",       "unit",        "printed",   "printed_value",    "certainty",
                            "predicted",   "difference",  "gate",        "tolerance", "verdict",          "reason",
                            "not_derived", "formula",     "relative_to", "symbols",   "relative_symbols", "quantity",
                            "job",         "relative_job"});
  CHECK(row["printed"] == "16384");
  CHECK(row["quantity"] == "max-context");
  CHECK(row["job"]["precision"] == "fp32");
  CHECK(row["verdict"] == "holds");
  CHECK(table["rows"][0]["verdict"] == "not-derived");
  CHECK(table["rows"][0]["predicted"].is_null());
}

TEST_CASE("a check over a table is told in JSON with what it found") {
  const auto json = ask_json({"reproduce", "ring-table-3"});
  const auto& checks = json["reproductions"][0]["checks"];
  REQUIRE(checks.size() == 3);
  CHECK(keys_of(checks[0]) == std::vector<std::string>{"name", "kind", "rows", "holds", "held", "of", "at_least",
                                                       "equal", "mean_powers_of_two"});
  CHECK(checks[0]["kind"] == "ratio");
  CHECK(checks[0]["at_least"].is_null());
  CHECK(checks[2]["kind"] == "powers-of-two");
  CHECK(checks[2]["held"] == 29);
  CHECK(checks[2]["of"] == 39);
}

TEST_CASE("reproduce in CSV has a record for each row") {
  const auto json = ask_json({"reproduce", "--all"});
  std::size_t rows = 0;
  for (const auto& table : json["reproductions"]) rows += table["rows"].size();
  CHECK(lines_of(ask({"reproduce", "--all", "--format", "csv"}).out).size() == rows + 1);
}

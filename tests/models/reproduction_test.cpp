#include <algorithm>
#include <set>

#include <headroom/models/error.h>
#include <headroom/models/reproduction.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

namespace {

constexpr const char* kSettings = R"("settings": [
  {"name": "sizes", "symbols": {"b": 2, "s": 3}, "source": "table 1"},
  {"name": "wider", "symbols": {"s": 5, "h": 7}, "source": "table 2"},
  {"name": "words", "value": "16 bits", "source": "caption"},
  {"name": "device", "job": {"device": "A100-80GB", "method": "flash", "batch": 2}, "source": "section 5"}])";

/// A file with these rows.
std::string file(const std::string& rows) {
  return R"({"headroom": "reproduction/1", "name": "t", "title": "A table", "source": "A paper", )" +
         std::string(kSettings) + R"(, "rows": [)" + rows + "]}";
}

/// A row about a formula with these keys beside those it needs.
std::string row(const std::string& keys) {
  return R"({"name": "r", "printed": "31.4", "unit": "GB", "certainty": "paper", "formula": "zero-1")" + keys + "}";
}

Reproduction read(const std::string& rows) { return parse_reproduction(file(rows), "t.json").value; }

std::string refused(const std::string& rows) {
  return refusal([&rows] { (void)read(rows); });
}

}  // namespace

TEST_CASE("every reproduction that is compiled in can be read, states settings with sources and has rows") {
  CHECK(reproduction_names().size() >= 11);
  for (const std::string_view name : reproduction_names()) {
    CAPTURE(name);
    const Reproduction reproduction = read_reproduction(std::string(name)).value;
    CHECK(reproduction.name == name);
    CHECK((contains("arXiv") || contains("EleutherAI")).match(reproduction.source));
    CHECK_FALSE(reproduction.rows.empty());
    for (const ReproductionSetting& setting : reproduction.settings) {
      CHECK_FALSE(setting.source.empty());
      CHECK_FALSE(setting.text.empty());
    }
  }
}

TEST_CASE("rows of a reproduction are told apart by their group, name and unit") {
  for (const std::string_view name : reproduction_names()) {
    std::set<std::string> seen;
    for (const ReproductionRow& row : read_reproduction(std::string(name)).value.rows) {
      CAPTURE(name, row.group, row.name);
      CHECK(seen.insert(row.group + "/" + row.name + "/" + row.printed).second);
    }
  }
}

TEST_CASE("a number that is known from memory has no gate") {
  for (const std::string_view name : reproduction_names()) {
    for (const ReproductionRow& row : read_reproduction(std::string(name)).value.rows) {
      CAPTURE(name, row.group, row.name);
      if (row.certainty == PrintedCertainty::memory) CHECK(row.gate == Gate::none);
    }
  }
  const std::string sentence =
      refused(R"({"name": "r", "printed": "1", "unit": "GB", "certainty": "memory", "formula": "zero-1",
                  "gate": "exact"})");
  CHECK_THAT(sentence, contains("t.json: rows[0]: a number known from memory is reported, never gated"));
}

TEST_CASE("a row has the symbols of the settings it uses, later ones over earlier ones, and its own over all") {
  const ReproductionRow r = read(row(R"(, "use": ["sizes", "wider"], "symbols": {"h": 11})")).rows.front();
  CHECK(r.symbols == SymbolValues{{"b", 2}, {"s", 5}, {"h", 11}});
  CHECK(r.settings == std::vector<std::string>{"sizes", "wider"});
}

TEST_CASE("the formula that a row is divided by has the row's symbols with its own over them") {
  const ReproductionRow r =
      read(row(R"(, "use": ["sizes"], "relative_to": "zero-2", "relative_symbols": {"s": 9})")).rows.front();
  CHECK(r.symbols == SymbolValues{{"b", 2}, {"s", 3}});
  CHECK(r.relative_symbols == SymbolValues{{"b", 2}, {"s", 9}});
}

TEST_CASE("a row's job is that of the settings it uses with its own keys over them") {
  const ReproductionRow r =
      read(R"({"name": "r", "printed": "1024", "unit": "tokens", "certainty": "paper", "use": ["device"],
               "quantity": "max-context", "grid": "pow2", "job": {"model": "gpt2", "batch": 4}})")
          .rows.front();
  REQUIRE(r.job);
  CHECK(r.job->model.name == "gpt2");
  CHECK(r.job->device.name == "A100-80GB");
  CHECK(r.job->batch == 4);
  CHECK(r.powers_of_two);
  CHECK(r.quantity == JobQuantity::max_context);
}

TEST_CASE("settings are told to people with their symbols and keys of the job") {
  const Reproduction reproduction = read(row(""));
  CHECK(reproduction.settings[0].text == "b = 2, s = 3");
  CHECK(reproduction.settings[2].text == "16 bits");
  CHECK(reproduction.settings[3].text == "batch 2, device A100-80GB, method flash");
}

TEST_CASE("a broken reproduction file is refused with the file and the key") {
  const std::pair<std::string, std::string> rows[] = {
      {row(R"(, "gates": "exact")"), "t.json: rows[0]: unknown key 'gates'; did you mean 'gate'?"},
      {row(R"(, "gate": "exakt")"), "t.json: rows[0].gate"},
      {row(R"(, "gate": "within")"), "t.json: rows[0]: 'tolerance' goes with \"gate\": \"within\""},
      {row(R"(, "tolerance": "1")"), "t.json: rows[0]: 'tolerance' goes with"},
      {row(R"(, "gate": "within", "tolerance": "a bit")"), "t.json: rows[0].tolerance must be a decimal number"},
      {row(R"(, "use": ["size"])"), "t.json: rows[0].use[0]: there is no setting 'size'"},
      {row(R"(, "symbols": {"h": 0})"), "t.json: rows[0].symbols.h: must be at least 1"},
      {row(R"(, "symbols": {"h": "wide"})"), "t.json: rows[0].symbols.h must be a whole number"},
      {row(R"(, "quantity": "layer")"), "t.json: rows[0]: a row needs one of"},
      {row(R"(, "grid": "512")"), "t.json: rows[0].grid must be pow2 or 256"},
      {row(R"(, "relative_symbols": {"s": 2})"), "t.json: rows[0]: 'relative_symbols' needs 'relative_to'"},
      {row(R"(, "relative_to": "zero-2", "relative_symbols": {"s": 0})"), "relative_symbols.s: must be at least 1"},
      {R"({"name": "r"})", "t.json: rows[0]: the key 'printed' is missing"},
      {R"({"name": "r", "printed": "1", "unit": "Gb", "certainty": "paper"})", "t.json: rows[0].unit"},
      {R"({"name": "r", "printed": "1", "unit": "GB", "certainty": "sure"})", "t.json: rows[0].certainty"},
      {R"({"name": "r", "printed": "1", "unit": "GB", "certainty": "paper"})", "t.json: rows[0]: a row needs one of"},
      {R"({"name": "r", "printed": "1", "unit": "x", "certainty": "paper", "not_derived": "why", "gate": "exact"})",
       "t.json: rows[0]: what is not derived has no gate"},
      {R"({"name": "r", "printed": "2bsh", "unit": "B", "certainty": "paper", "formula": "f", "gate": "digits"})",
       "t.json: rows[0].printed must be a decimal number"},
      {R"({"name": "r", "printed": "1", "unit": "B", "certainty": "paper", "quantity": "device",
           "use": ["device"], "job": {"model": "gpt2"}})",
       "t.json: rows[0].job: 'seq' is missing"},
      {row(R"(, "relative_job": {"batch": 2})"), "t.json: rows[0]: 'relative_job' needs 'quantity'"},
      {R"({"name": "r", "printed": "1", "unit": "x", "certainty": "paper", "quantity": "max-context",
           "use": ["device"], "job": {"model": "gpt2"}, "relative_job": {"batch": "two"}})",
       "t.json: rows[0].relative_job.batch"},
      {R"({"name": "r", "printed": "1", "unit": "B", "certainty": "paper", "quantity": "max-context",
           "use": ["device"], "job": {"model": "gpt3"}})",
       "t.json: rows[0].job.model"},
      {"3", "t.json: rows[0] must be a JSON object"},
  };
  for (const auto& [text, sentence] : rows) {
    CAPTURE(text);
    CHECK_THAT(refused(text), contains(sentence));
  }
}

TEST_CASE("a reproduction file without settings or rows is refused") {
  const std::string head = R"({"headroom": "reproduction/1", "name": "t", "title": "A", "source": "B")";
  const auto sentence = [](const std::string& text) {
    return refusal([&text] { (void)parse_reproduction(text, "t.json"); });
  };
  CHECK_THAT(sentence(head + "}"), contains("t.json: settings: is missing"));
  CHECK_THAT(sentence(head + R"(, "settings": []})"), contains("t.json: settings must be a list"));
  CHECK_THAT(sentence(head + R"(, "settings": [{"name": "x", "source": "y"}]})"), contains("settings[0]"));
  CHECK_THAT(sentence(head + ", " + kSettings + "}"), contains("t.json: rows: is missing"));
  CHECK_THAT(sentence(R"({"headroom": "job/1"})"), contains("reproduction/1"));
  CHECK_THAT(sentence("{"), contains("t.json"));
}

TEST_CASE("a check over a table that says too little or too much is refused with its key") {
  const auto sentence = [](const std::string& check) {
    const std::string text = file(row(""));
    const std::string with = text.substr(0, text.size() - 1) + R"(, "checks": [)" + check + "]}";
    return refusal([&with] { (void)parse_reproduction(with, "t.json"); });
  };
  const std::string head = R"({"name": "c", "rows": ["r", "q"], "kind": )";
  CHECK_THAT(sentence(head + R"("share"})"), contains("t.json: checks[0].kind must be one of ratio, ascending"));
  CHECK_THAT(sentence(head + R"("ratio"})"), contains("checks[0]: 'factor' goes with"));
  CHECK_THAT(sentence(head + R"("ascending", "factor": "2"})"), contains("checks[0]: 'factor' goes with"));
  CHECK_THAT(sentence(head + R"("ascending", "at_least": 2})"), contains("checks[0]: 'at_least' goes with"));
  CHECK_THAT(sentence(head + R"("ascending", "steps": 2})"), contains("checks[0]: 'steps' goes with"));
  CHECK_THAT(sentence(head + R"("powers-of-two", "steps": 1})"), contains("checks[0].at_least: must be at least 1"));
  CHECK_THAT(sentence(head + R"("powers-of-two", "steps": -1, "at_least": 1})"), contains("steps: must not be neg"));
  CHECK_THAT(sentence(R"({"name": "c", "rows": ["r"], "kind": "ratio", "factor": "2"})"), contains("two rows"));
  CHECK_THAT(sentence(R"({"name": "c", "rows": [], "kind": "ascending"})"), contains("rows: must not be empty"));
  CHECK_THAT(sentence(head + R"("ascending", "gate": 1})"), contains("unknown key 'gate'"));
}

TEST_CASE("an unknown reproduction is refused with the nearest name, a file that is none with its path") {
  CHECK_THAT(refusal([] { (void)read_reproduction("ring-table-4"); }), contains("did you mean 'ring-table-"));
  CHECK_THAT(refusal([] { (void)read_reproduction("nowhere/table.json"); }), contains("nowhere/table.json"));
}

// Papers' printed numbers beside formulas and predictions. The numbers are typed here once more, so that a row that is
// lost or mistyped in a reproduction file is told.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/reproduce.h>

#include "catch.h"

namespace headroom::test {
namespace {

using sim::Reproduced;
using sim::Verdict;

struct Table {
  Reproduction reproduction;
  Reproduced result;
};

Table table(std::string_view name) {
  Table t{read_reproduction(std::string(name)).value, {}};
  t.result = sim::reproduce(t.reproduction);
  return t;
}

/// What the rows print, in order.
std::vector<std::string> printed(const Table& t) {
  std::vector<std::string> texts;
  for (const ReproductionRow& row : t.reproduction.rows) texts.push_back(row.printed);
  return texts;
}

/// A file with one row about `formula`, whose keys these are.
Reproduction one_row(const std::string& keys) {
  const std::string text = R"({"headroom": "reproduction/1", "name": "t", "title": "A", "source": "B",
    "settings": [{"name": "x", "symbols": {"P": 7500000000, "N": 64}, "source": "C"}],
    "rows": [{"name": "r", "certainty": "paper", "use": ["x"], )" +
                           keys + "}]}";
  return parse_reproduction(text, "t.json").value;
}

std::string refused(const std::string& keys) {
  try {
    (void)sim::reproduce(one_row(keys));
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

Verdict verdict(const std::string& keys) { return sim::reproduce(one_row(keys)).rows.front().verdict; }

const std::map<std::string, std::vector<std::string>>& numbers() {
  static const std::map<std::string, std::vector<std::string>> kNumbers = {
      {"ring-table-1",
       {"2bns^2", "8bsh", "2bhs^2", "2bsh + 4bch", "8bsh", "8bsh", "2bsh", "2bsh", "2bsh", "6bch", "2bch", "6bch",
        "6bch"}},
      {"ring-table-2", {"1.0", "6.2", "24.5", "149.5", "1.1", "6.6", "1.0", "6.2", "1.1", "6.3"}},
      {"ring-table-3",
       {"4",    "32",   "64",   "512", "2",    "16",    "32",   "256", "2",    "4",    "16",   "128", "4",
        "64",   "128",  "4096", "4",   "32",   "64",    "2048", "1",   "4",    "8",    "2048", "1",   "2",
        "8",    "1024", "8",    "16",  "32",   "16384", "4",    "8",   "16",   "8192", "4",    "8",   "16",
        "4096", "2",    "4",    "8",   "2048", "4",     "8",    "32",  "4096", "2",    "8",    "16",  "2048"}},
      {"flash-table-21",
       {"36",   "104",   "336",   "1184", "4416",  "17024", "40960", "40960", "40960", "40960", "22",
        "44",   "104",   "209",   "418",  "836",   "1672",  "3344",  "6688",  "13376", "36",    "104",
        "336",  "1184",  "4416",  "22",   "44",    "104",   "209",   "418",   "836",   "1672",  "3344",
        "6690", "13384", "377",   "754",  "1508",  "3016",  "6033",  "12067", "24134", "53",    "110",
        "232",  "592",   "1696",  "3392", "6784",  "13568", "27136", "25",    "52",    "114",   "287",
        "832",  "1652",  "3292",  "6572", "13132", "26252", "217",   "434",   "868",   "1737",  "3474",
        "6947", "13894", "27788", "72",   "152",   "333",   "796",   "2540",  "5068",  "10125", "20240",
        "33",   "82",    "228",   "408",  "910",   "2401",  "30",    "61",    "124",   "277",   "681",
        "1370", "2748",  "33",    "66",   "131",   "294",   "708",   "1431",  "2872"}},
      {"rabe-staats-table-2", {"160", "640", "2.5", "10",  "40",  "160", "640", "270", "4.0", "64", "1",
                               "16",  "16",  "16",  "270", "4.0", "16",  "17",  "21",  "64",  "256"}},
      {"rabe-staats-table-3", {"192", "768", "2.9", "12",  "47",  "188", "750", "532", "8.0", "128", "2.0",
                               "16",  "16",  "16",  "532", "8.0", "41",  "64",  "257", "1.0", "4.0"}},
      {"ring-figure-5",
       {"1.1",    "1.4",   "2.0",    "3.1",   "5.4",    "10.0",  "37.4",   "439.7", "4682.0", "1.1",  "1.4",
        "1.8",    "2.8",   "4.6",    "8.4",   "31.0",   "362.3", "3855.9", "1.1",   "1.3",    "1.6",  "2.3",
        "3.7",    "6.5",   "23.2",   "268.0", "2850.3", "1.1",   "1.2",    "1.5",   "2.2",    "3.4",  "5.8",
        "20.6",   "237.2", "2521.5", "1.1",   "1.2",    "1.4",   "1.8",    "2.6",   "4.3",    "14.4", "162.6",
        "1725.6", "1.0",   "1.1",    "1.1",   "1.3",    "1.6",   "2.1",    "5.6",   "56.8",   "596.8"}},
      {"zero-figure-1",
       {"(2+2+K)P", "2P + 2P + KP/N", "2P + (2+K)P/N", "(2+2+K)P/N", "120", "31.4", "16.6", "1.9", "24"}},
      {"transformer-math-101",
       {"4P",
        "2P",
        "2P",
        "P",
        "1.2 * 2P",
        "12P",
        "8P",
        "6P",
        "4P",
        "2P",
        "sbhL(10 + 24/t + 5as/(ht))",
        "sbhL(10 + 24/t)",
        "2sbhL",
        "2P + 12P + 2P",
        "2P + 12P/N + 2P",
        "2P + (12P + 2P)/N",
        "(2P + 12P + 2P)/N",
        "2P/(pt) + 12P/N + 2P/p",
        "12P/N",
        "2P",
        "2P/N",
        "12P/N",
        "2P/N",
        "2P/(pt)",
        "12P/N",
        "2P/p"}},
      {"sppo-table-2", {"16384", "52600", "81920", "120", "234", "1200"}},
      {"memo-activations", {"16bsh", "4096", "32bsh", "32bsh + 16sb + 4asb", "128", "16", "6.25"}},
      {"ulysses-communication", {"4Nh/P", "4Nh"}},
      {"ulysses-longest", {"128", "256", "512", "1024"}},
      {"fpdt-figure-4",
       {"128", "128", "128", "256", "512", "1024", "128", "256", "256", "512", "512", "512", "1024", "2048", "2048",
        "3072", "3072", "4096"}},
      {"alst-longest", {"32", "160", "1100", "1200", "2400", "3700", "32", "500", "32", "15000"}},
      {"mst-table-2", {"5", "14", "60", "12", "4", "7", "45", "84", "12", "1.8"}},
      {"mst-table-3", {"5", "42", "70", "12", "4", "13", "74", "18", "1.5", "5", "36", "24", "8"}},
      {"mst-tables-8-to-11",
       {"15", "29", "15", "30", "15", "75", "15", "29", "30", "74", "15", "7", "30", "52", "15", "4", "30", "49"}},
      {"mst-table-12", {"120", "240", "480", "160", "320", "640"}},
      {"lss-headline",
       {"58", "5.6", "10.2", "50112", "161", "348", "2088", "6264", "18792", "50112", "0.54", "1.01", "13.58"}},
      {"bpt-table-2", {"16384", "65536",  "131072", "16384", "65536",  "131072", "8192",  "16384", "65536", "16384",
                       "65536", "131072", "16384",  "65536", "131072", "8192",   "32768", "65536", "8192",  "16384",
                       "65536", "4096",   "16384",  "32768", "2048",   "4096",   "16384", "1024",  "2048",  "8192"}},
      {"bpt-table-3", {"64", "44", "47", "55", "75", "43", "45", "52", "70", "79",
                       "59", "44", "46", "55", "75", "42", "44", "52", "68", "78"}},
  };
  return kNumbers;
}

}  // namespace

TEST_CASE("every gate of every reproduction holds") {
  for (const std::string_view name : reproduction_names()) {
    const Table t = table(name);
    for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
      CAPTURE(name, t.reproduction.rows[i].group, t.reproduction.rows[i].name);
      CHECK(t.result.rows[i].verdict != Verdict::fails);
    }
    CHECK(t.result.agrees());
  }
}

TEST_CASE("every number that the papers print stands in its row") {
  for (const auto& [name, texts] : numbers()) {
    CAPTURE(name);
    CHECK(printed(table(name)) == texts);
  }
}

TEST_CASE("Korthikanti et al.'s table 2 is compared coefficient by coefficient and on headroom's own layer") {
  const Table t = table("korthikanti-table-2");
  const std::vector<std::string> formulas({"sbh(34 + 5as/h)", "sbh(10 + 24/t + 5as/(ht))", "sbh(34/t + 5as/(ht))",
                                           "sbh(10 + 24/t)", "sbh(34/t)", "sbh(2)"});
  const std::vector<std::string> all = printed(t);
  REQUIRE(all.size() == 17);
  CHECK(std::vector<std::string>(all.begin(), all.begin() + 6) == formulas);
  for (std::size_t i = 0; i < formulas.size(); ++i) CHECK(t.result.rows[i].verdict == Verdict::holds);
}

TEST_CASE("Korthikanti et al.'s memory has four percentages, five sums and six bars for each of four models") {
  const Table t = table("korthikanti-memory");
  CHECK(t.reproduction.rows.size() == 4 * (4 + 5 + 6) + 2 + 1 + 1);
  CHECK(t.result.gates() == t.reproduction.rows.size() - 1);  // all but what stands beside the layers
  const std::vector<std::string> all = printed(t);
  const std::vector<std::string> percentages{"66.8", "49.4", "16.1", "7.6", "62.0", "56.5", "18.5", "8.7",
                                             "58.3", "61.9", "20.2", "9.5", "58.3", "61.9", "20.2", "9.5"};
  CHECK(std::vector<std::string>(all.begin(), all.begin() + 16) == percentages);
  CHECK(all.back() == "2.73");
}

TEST_CASE("of FlashAttention's table 21 every cell of PyTorch and of FlashAttention is gated, dashes too") {
  const Table t = table("flash-table-21");
  std::size_t cells = 0;
  for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
    const ReproductionRow& row = t.reproduction.rows[i];
    if (row.group != "PyTorch" && row.group != "FlashAttention") continue;
    CAPTURE(row.group, row.name);
    CHECK(t.result.rows[i].verdict == Verdict::holds);
    CHECK(row.gate == (row.printed == "40960" ? Gate::at_least : Gate::truncated));
    ++cells;
  }
  CHECK(cells == 2 * 10);
  CHECK(t.result.gates() == cells);
}

TEST_CASE("of Rabe and Staats' tables standard attention is gated from 2^10 tokens on, what does not fit too") {
  for (const char* name : {"rabe-staats-table-2", "rabe-staats-table-3"}) {
    const Table t = table(name);
    CAPTURE(name);
    CHECK(t.result.gates() == 3 + 3);
    for (std::size_t i = 8; i < 14; ++i) {  // behind seven inputs and the shortest sequence
      CHECK(t.reproduction.rows[i].group == "Standard attention");
      CHECK(t.result.rows[i].verdict == Verdict::holds);
    }
  }
}

TEST_CASE("Transformer Math 101's states are headroom's own, to the byte, for the precisions and optimizers of both") {
  const Table t = table("transformer-math-101");
  std::size_t own = 0;
  for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
    const ReproductionRow& row = t.reproduction.rows[i];
    if (!row.job || row.gate == Gate::none) continue;
    CAPTURE(row.group, row.name);
    CHECK(row.symbols.at("P") == parameter_count(row.job->model));
    CHECK(t.result.rows[i].verdict == Verdict::holds);
    ++own;
  }
  CHECK(own >= 10);
}

TEST_CASE("every cell of Ring Attention's figure 5 is (6h + s)/(6h + 4096)") {
  const Table t = table("ring-figure-5");
  CHECK(t.result.held() == 6 * 9);
  for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
    const SymbolValues& symbols = t.reproduction.rows[i].symbols;
    const std::int64_t h = symbols.at("h");
    CHECK(t.result.rows[i].predicted == Rational(6 * h + symbols.at("s"), 6 * h + 4096));
  }
}

TEST_CASE("the rows of ring table 2 are F/B and 6F/B, not rounded") {
  const Table t = table("ring-table-2");
  const std::vector<Rational> blocks{{1040}, {24960}, {123000, 112}, {275000, 268}, {196000, 186}};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(t.result.rows[2 * i].predicted == blocks[i] / Rational(1000));
    CHECK(t.result.rows[2 * i + 1].predicted == Rational(6) * blocks[i] / Rational(1000));
  }
  CHECK(t.result.rows[2].verdict == Verdict::reported);
  CHECK(t.result.rows[3].verdict == Verdict::reported);
}

TEST_CASE(
    "of ring table 3 the ring is n/m times bpt in all rows, the methods are in order, and 29 of 39 cells are near") {
  const Table t = table("ring-table-3");
  REQUIRE(t.reproduction.rows.size() == 13 * 4);
  REQUIRE(t.result.checks.size() == 3);
  for (const sim::ReproducedCheck& check : t.result.checks) CHECK(check.holds);
  CHECK(t.result.checks[0].of == 13);
  CHECK(t.result.checks[1].of == 13);
  CHECK(t.result.checks[2].of == 39);
  CHECK(t.result.checks[2].held == 29);
  CHECK(t.result.checks[2].equal == 9);
  CHECK(t.result.checks[2].mean == Rational(37, 39));
  CHECK(sim::check_text(t.reproduction.checks[2], t.result.checks[2]) ==
        "29 of 39 rows (74 %) at most 1 power of two off, at least 29 must be; 9 equal (23 %); on average +0.95 powers "
        "of two");
  CHECK(t.result.gates() == 3);
  CHECK(t.result.held() == 3);
}

TEST_CASE(
    "what ring table 3 prints of the ring is n/m times what it prints of bpt, and so the factors are the paper's") {
  const Table t = table("ring-table-3");
  for (std::size_t row = 3; row < t.result.rows.size(); row += 4) {
    const SymbolValues& symbols = t.reproduction.rows[row].symbols;
    const Rational factor(symbols.at("n"), symbols.at("m"));
    CAPTURE(t.reproduction.rows[row].group);
    CHECK(t.reproduction.rows[row].name == "ring");
    CHECK(t.result.rows[row].printed == factor * t.result.rows[row - 1].printed);
    const Degrees degrees = t.reproduction.rows[row].job->degrees;
    CHECK(degrees.data == symbols.at("m"));
    CHECK(rank_count(degrees) == symbols.at("n"));
    CHECK(rank_count(t.reproduction.rows[row - 1].job->degrees) == symbols.at("n"));
  }
}

TEST_CASE("longest contexts on several devices are reported and not gated: frameworks differ") {
  for (const char* name :
       {"ulysses-longest", "fpdt-figure-4", "alst-longest", "mst-table-2", "mst-table-3", "mst-table-12"}) {
    const Table t = table(name);
    CAPTURE(name);
    CHECK(t.result.gates() == 0);
    for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
      if (!t.reproduction.rows[i].not_derived.empty()) continue;
      CAPTURE(t.reproduction.rows[i].group, t.reproduction.rows[i].name);
      CHECK(t.result.rows[i].predicted > Rational(0));
    }
  }
}

TEST_CASE("each part of ALST's table makes the longest sequence longer, as it does in the paper") {
  const Table t = table("alst-longest");
  for (std::size_t i = 1; i < 6; ++i) CHECK(t.result.rows[i].predicted > t.result.rows[i - 1].predicted);
}

TEST_CASE(
    "what MsT's tables 8 to 11 print together is the sum of their rows, and so are headroom's parts of the peak") {
  const Table t = table("mst-tables-8-to-11");
  for (const char* group : {"Table 8: all at the optimizer step", "Table 9: updates in backward",
                            "Table 10: with activation recomputation", "Table 11: with MsT"}) {
    Rational parts;
    std::optional<Rational> peak;
    for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
      const ReproductionRow& row = t.reproduction.rows[i];
      if (row.group != group || !t.result.rows[i].predicted) continue;
      if (row.quantity == JobQuantity::allocated) {
        peak = t.result.rows[i].predicted;
      } else {
        parts = parts + *t.result.rows[i].predicted;
      }
    }
    CAPTURE(group);
    REQUIRE(peak);
    CHECK(parts <= *peak);
    CHECK(*peak - parts < Rational(1));  // gradients of a layer or the embedding, which tables 9 to 11 do not print
  }
  CHECK(t.result.gates() == 0);
}

TEST_CASE("a quantity of one job can be divided by that of another") {
  const std::string job = R"("quantity": "max-context", "unit": "x", "printed": "1",
      "job": {"model": "gpt2", "device": "A100-80GB", "method": "flash"}, "relative_job": {"batch": 2})";
  const Reproduction reproduction = one_row(job);
  const ReproductionRow& row = reproduction.rows.front();
  REQUIRE(row.relative_job);
  CHECK(row.relative_job->batch == 2);
  CHECK(row.relative_job->model.name == "gpt2");
  const auto longest = [](const Job& of) { return longest_context(sim::Predictor(of), {}).count(); };
  CHECK(sim::reproduce(reproduction).rows.front().predicted == Rational(longest(*row.job), longest(*row.relative_job)));
  CHECK_THAT(refused(R"("quantity": "max-context", "unit": "tokens", "printed": "1", "relative_job": {"batch": 2},
                        "job": {"model": "gpt2", "device": "A100-80GB", "method": "flash"})"),
             contains("the prediction counts a ratio"));
}

TEST_CASE("parameters, gradients, optimizer state and the rest are what is alive at the peak") {
  const std::string job = R"(, "unit": "B", "printed": "1", "job": {"model": "gpt2", "device": "A100-80GB",
      "method": "flash", "precision": "fp32", "accumulate": true, "seq": 512})";
  const auto predicted = [&job](const std::string& quantity) {
    return *sim::reproduce(one_row("\"quantity\": \"" + quantity + "\"" + job)).rows.front().predicted;
  };
  const Rational parameters = predicted("parameters");
  CHECK(parameters == Rational(4 * parameter_count(read_model("gpt2").value)));
  CHECK(predicted("gradients") == parameters);
  CHECK(predicted("optimizer-state") == Rational(2) * parameters);
  CHECK(predicted("activations") == predicted("allocated") - Rational(4) * parameters);
}

TEST_CASE("every row that is off and not gated says why") {
  for (const std::string_view name : reproduction_names()) {
    const Table t = table(name);
    for (std::size_t i = 0; i < t.result.rows.size(); ++i) {
      const ReproductionRow& row = t.reproduction.rows[i];
      const sim::ReproducedRow& result = t.result.rows[i];
      CAPTURE(name, row.group, row.name);
      if (result.verdict != Verdict::reported || *result.difference() == Rational()) continue;
      CHECK_FALSE(row.reason.empty());
    }
  }
}

TEST_CASE("a row about a job says what the predictor says") {
  const Table t = table("bpt-table-2");
  const ReproductionRow& row = t.reproduction.rows[3];  // 1B, vanilla
  REQUIRE(row.job);
  const sim::Grid powers{sim::Grid::Kind::powers_of_two, {}};
  CHECK(t.result.rows[3].predicted == Rational(longest_context(sim::Predictor(*row.job), powers).count()));
  const Table peaks = table("bpt-table-3");
  const ReproductionRow& peak = peaks.reproduction.rows.front();
  REQUIRE(peak.job);
  CHECK(peak.job->precision == Precision::fp32);
  const Bytes device = sim::Predictor(*peak.job).breakdown(Tokens(8192)).device;
  CHECK(peaks.result.rows.front().predicted == Rational(device.count(), std::int64_t{1} << 30));
}

TEST_CASE("gates are exact, half of the last printed digit, cut off behind it, a tolerance, or a limit") {
  const std::string base = R"("unit": "GB", "formula": "zero-1", "printed": )";  // 31.40625 GB
  CHECK(verdict(base + R"("31.4", "gate": "digits")") == Verdict::holds);
  CHECK(verdict(base + R"("31.5", "gate": "digits")") == Verdict::fails);
  CHECK(verdict(base + R"("31.41", "gate": "digits")") == Verdict::holds);
  CHECK(verdict(base + R"("31.40", "gate": "digits")") == Verdict::fails);
  CHECK(verdict(base + R"("31.40625", "gate": "exact")") == Verdict::holds);
  CHECK(verdict(base + R"("31.4", "gate": "exact")") == Verdict::fails);
  CHECK(verdict(base + R"("31", "gate": "within", "tolerance": "0.40625")") == Verdict::holds);
  CHECK(verdict(base + R"("31", "gate": "within", "tolerance": "0.40624")") == Verdict::fails);
  CHECK(verdict(base + R"("31.4", "gate": "truncated")") == Verdict::holds);
  CHECK(verdict(base + R"("31.40625", "gate": "truncated")") == Verdict::holds);
  CHECK(verdict(base + R"("31.3", "gate": "truncated")") == Verdict::fails);  // 1.06 of the last digit away
  CHECK(verdict(base + R"("31.41", "gate": "truncated")") == Verdict::fails);
  CHECK(verdict(base + R"("31", "gate": "at-least")") == Verdict::holds);
  CHECK(verdict(base + R"("31.40625", "gate": "at-least")") == Verdict::holds);
  CHECK(verdict(base + R"("31.41", "gate": "at-least")") == Verdict::fails);
  CHECK(verdict(base + R"("99")") == Verdict::reported);
  CHECK(verdict(R"("unit": "GB", "printed": "99", "not_derived": "why")") == Verdict::not_derived);
}

TEST_CASE("a check over a table holds or fails by its rows, group by group or all together") {
  // zero-1, -2 and -3 of P and N are 31.40625, 16.640625 and 1.875 GB; tokens of N ranks are powers of two
  const std::string rows = R"({"name": "one", "group": "g", "certainty": "paper", "unit": "Ki tokens", "printed": "4",
      "formula": "tokens-of-ranks", "symbols": {"c": 1024, "N": 8}},
    {"name": "two", "group": "g", "certainty": "paper", "unit": "Ki tokens", "printed": "16",
      "formula": "tokens-of-ranks", "symbols": {"c": 1024, "N": 16, "k": 2}},
    {"name": "one", "group": "h", "certainty": "paper", "unit": "Ki tokens", "printed": "8",
      "formula": "tokens-of-ranks", "symbols": {"c": 1024, "N": 1}},
    {"name": "two", "group": "h", "certainty": "paper", "unit": "Ki tokens", "printed": "3",
      "formula": "tokens-of-ranks", "symbols": {"c": 1024, "N": 1, "k": 1}},
    {"name": "unknown", "group": "h", "certainty": "paper", "unit": "Ki tokens", "printed": "3", "not_derived": "why"})";
  const auto check = [&rows](const std::string& keys) {
    const std::string text = R"({"headroom": "reproduction/1", "name": "t", "title": "A", "source": "B",
      "settings": [{"name": "x", "value": "y", "source": "C"}], "rows": [)" +
                             rows + R"(], "checks": [{"name": "c", )" + keys + "}]}";
    return sim::reproduce(parse_reproduction(text, "t.json").value).checks.front();
  };
  const auto refused_check = [&check](const std::string& keys) -> std::string {
    try {
      (void)check(keys);
    } catch (const InputError& error) {
      return error.what();
    }
    return "not refused";
  };
  CHECK(check(R"("kind": "ratio", "rows": ["two", "one"], "factor": "k")").holds);
  const sim::ReproducedCheck doubled = check(R"("kind": "ratio", "rows": ["two", "one"], "factor": "2")");
  CHECK_FALSE(doubled.holds);
  CHECK(doubled.held == 1);
  CHECK(doubled.of == 2);
  CHECK(check(R"("kind": "ascending", "rows": ["one", "two"])").holds);
  CHECK_FALSE(check(R"("kind": "ascending", "rows": ["two", "one"])").holds);
  const std::string near = R"("kind": "powers-of-two", "rows": ["one"], "steps": 1, "at_least": )";
  CHECK(check(near + "1").holds);  // +1 and -3 steps
  CHECK_FALSE(check(near + "2").holds);
  CHECK(check(near + "1").mean == Rational(-1));
  CHECK_THAT(refused_check(R"("kind": "powers-of-two", "rows": ["two"], "steps": 1, "at_least": 1)"),
             contains("t.json: checks[0]: rows[3]: prediction and print are no power of two apart"));
  CHECK_THAT(refused_check(R"("kind": "ascending", "rows": ["three"])"), contains("no row has one of these names"));
  CHECK_THAT(refused_check(R"("kind": "ascending", "rows": ["one", "unknown"])"), contains("has no row 'unknown'"));
  CHECK_THAT(refused_check(R"("kind": "ascending", "rows": ["unknown", "one"])"), contains("is not derived"));
}

TEST_CASE("a check in which rows fit nowhere says so") {
  sim::ReproducedCheck result;
  result.of = 4;
  result.fitting = 3;
  result.held = 2;
  result.mean = Rational(-1, 2);
  ReproductionCheck check;
  check.kind = CheckKind::powers_of_two;
  check.steps = 2;
  check.at_least = 1;
  CHECK(sim::check_text(check, result) ==
        "2 of 4 rows (50 %) at most 2 powers of two off, at least 1 must be; 0 equal (0 %); on average -0.50 powers of "
        "two without 1 in which nothing fits");
}

TEST_CASE("a printed expression is read as papers write them") {
  const std::string base = R"("unit": "x", "formula": "zero-3", "relative_to": "zero-3", "gate": "exact", "symbols": )";
  for (const char* one :
       {"1", "2a - 3", "a/2", "(a+b)/(a+b)", "a^3/8", "-a + 3", "2*a/4", "ab/6", "0.5a", "6/ab*1/9*9"}) {
    CAPTURE(one);
    const std::string row = base + R"({"a": 2, "b": 3}, "printed": ")" + one + "\"";
    const Verdict expected = std::string_view(one) == "6/ab*1/9*9" ? Verdict::fails : Verdict::holds;  // 6/a times b
    CHECK(verdict(row) == expected);
  }
  for (const char* wrong : {"", "a b)", "2 +", "(a", "a^", "q", "1.2.3a", "a & b", "2^^2"}) {
    CAPTURE(wrong);
    CHECK_THAT(refused(base + R"({"a": 2, "b": 3}, "printed": ")" + wrong + "\""), contains("t.json: rows[0]: "));
  }
  const std::string deep(1000, '(');
  CHECK_THAT(refused(base + R"({"a": 2}, "printed": ")" + deep + "\""), contains("cannot be read"));
  CHECK_THAT(refused(base + R"x({"a": 2}, "printed": "a/(a-2)")x"), contains("divides by zero"));
}

TEST_CASE("a formula, a symbol or a unit that does not fit is refused with the row") {
  CHECK_THAT(refused(R"("unit": "GB", "printed": "1", "formula": "zero-4")"),
             contains("t.json: rows[0]: there is no such formula; did you mean 'zero-"));
  CHECK_THAT(refused(R"("unit": "GB", "printed": "1", "formula": "memo-skeletal")"), contains("the symbol 'b'"));
  CHECK_THAT(refused(R"("unit": "tokens", "printed": "1", "formula": "zero-1")"), contains("unit tokens does not fit"));
  CHECK_THAT(refused(R"("unit": "GB", "printed": "1", "formula": "zero-1", "relative_to": "zero-2")"),
             contains("a ratio"));
  CHECK_THAT(refused(R"("unit": "GB", "printed": "1", "quantity": "max-context",
                        "job": {"model": "gpt2", "device": "A100-80GB", "method": "flash"})"),
             contains("counts tokens"));
  CHECK_THAT(refused(R"("unit": "x", "printed": "1", "formula": "zero-1", "relative_to": "tokens-per-rank",
                        "symbols": {"s": 1})"),
             contains("zero-1 counts bytes, and tokens-per-rank, which it is divided by, tokens"));
}

TEST_CASE("a job that makes no sense is refused with the row") {
  CHECK_THAT(refused(R"("unit": "tokens", "printed": "1", "quantity": "max-context",
                        "job": {"model": "gpt2", "device": "A100-80GB", "method": "flash", "batch": -1})"),
             contains("t.json: rows[0]: "));
}

TEST_CASE("every published formula is held against a printed number or expression by some reproduction") {
  std::vector<std::string> used;
  for (const std::string_view name : reproduction_names()) {
    for (const ReproductionRow& row : read_reproduction(std::string(name)).value.rows) {
      used.push_back(row.formula);
      used.push_back(row.relative_to);
    }
  }
  for (const std::string_view formula : sim::formula_names()) {
    CAPTURE(formula);
    CHECK(std::find(used.begin(), used.end(), formula) != used.end());
  }
}

TEST_CASE(
    "docs/reproductions.md has an example that can be reproduced, and names every formula, unit, gate, quantity and "
    "check") {
  std::ifstream file(HEADROOM_REPRODUCTIONS_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = page.find("```json\n") + 8;
  const Reproduction example = parse_reproduction(page.substr(begin, page.find("```", begin) - begin), "page").value;
  const Reproduced result = sim::reproduce(example);
  CHECK(result.agrees());
  CHECK(result.gates() == 1);
  const auto names = [&page](std::string_view name) {
    return page.find("`" + std::string(name) + "`") != std::string::npos;
  };
  for (const std::string_view name : sim::formula_names()) CHECK(names(name));
  for (const std::string_view name : names_of<PrintedUnit>()) CHECK(names(name));
  for (const std::string_view name : names_of<PrintedCertainty>()) CHECK(names(name));
  for (const std::string_view name : names_of<Gate>()) CHECK(names(name));
  for (const std::string_view name : names_of<JobQuantity>()) CHECK(names(name));
  for (const std::string_view name : names_of<CheckKind>()) CHECK(names(name));
}

TEST_CASE("rows are told with two digits more than are printed, errors in parts of the printed number") {
  const Table t = table("ring-table-2");
  const auto texts = [&t](std::size_t i) {
    const ReproductionRow& row = t.reproduction.rows[i];
    const sim::ReproducedRow& result = t.result.rows[i];
    return printed_text(row, result) + " | " + predicted_text(row, result) + " | " + error_text(row, result);
  };
  CHECK(texts(0) == "1.0 | 1.040 | +4.00 %");
  CHECK(texts(2) == "24.5 | 24.960 | +1.88 %");
  CHECK(sim::summary_text(t.result) == "8 of 8 gates hold, 2 rows reported");
  const Table k = table("korthikanti-memory");
  CHECK(error_text(k.reproduction.rows[0], k.result.rows[0]) == "-0.03 points");
}

}  // namespace headroom::test

#include "reproductions.h"

#include <fmt/format.h>

#include <headroom/models/reproduction.h>
#include <headroom/sim/reproduce.h>

namespace headroom::test {
namespace {

struct Table {
  Reproduction reproduction;
  sim::Reproduced result;
};

std::vector<Table> tables() {
  std::vector<Table> all;
  for (const std::string_view name : reproduction_names()) {
    Reproduction reproduction = read_reproduction(std::string(name)).value;
    sim::Reproduced result = sim::reproduce(reproduction);
    all.push_back({std::move(reproduction), std::move(result)});
  }
  return all;
}

/// In a table and outside of formulas, characters that Markdown reads as marks.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '*' || c == '_' || c == '|' || c == '^') result += '\\';
    result += c;
  }
  return result;
}

std::string overview(const std::vector<Table>& all) {
  std::string text = "| table | of | rows | |\n|---|---|---:|---|\n";
  for (const Table& table : all) {
    const Reproduction& r = table.reproduction;
    text += fmt::format("| [{}](#{}) | {} | {} | {} |\n", r.name, r.name, escaped(r.source), r.rows.size(),
                        sim::summary_text(table.result));
  }
  return text;
}

std::string settings(const Reproduction& reproduction) {
  std::string text = "| setting | | source |\n|---|---|---|\n";
  for (const ReproductionSetting& setting : reproduction.settings) {
    text += fmt::format("| {} | {} | {} |\n", escaped(setting.name), escaped(setting.text), escaped(setting.source));
  }
  return text;
}

std::string contradictions(const Reproduction& reproduction) {
  if (reproduction.contradictions.empty()) return {};
  std::string text = "The paper against itself:\n\n";
  for (const std::string& contradiction : reproduction.contradictions) text += "- " + escaped(contradiction) + "\n";
  return text + "\n";
}

std::string_view gate_text(sim::Verdict verdict) {
  const bool has_gate = verdict == sim::Verdict::holds || verdict == sim::Verdict::fails;
  return has_gate ? name_of(verdict) : "";
}

std::string rows(const Table& table) {
  std::string text =
      "| row | printed | predicted | unit | error | known by | gate | |\n|---|---:|---:|---|---:|---|---|---|\n";
  for (std::size_t i = 0; i < table.result.rows.size(); ++i) {
    const ReproductionRow& row = table.reproduction.rows[i];
    const sim::ReproducedRow& result = table.result.rows[i];
    const std::string name = row.group.empty() ? row.name : row.group + ": " + row.name;
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", escaped(name), printed_text(row, result),
                        predicted_text(row, result), name_of(row.unit), error_text(row, result), name_of(row.certainty),
                        gate_text(result.verdict), escaped(remark_text(row, result)));
  }
  return text;
}

std::string checks(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.reproduction.checks.size(); ++i) {
    const ReproductionCheck& check = table.reproduction.checks[i];
    const sim::ReproducedCheck& result = table.result.checks[i];
    text +=
        fmt::format("- {}: {}, {}\n", escaped(check.name), result.holds ? "holds" : "fails", check_text(check, result));
  }
  return text.empty() ? "" : "\nOver the table:\n\n" + text;
}

std::string section(const Table& table) {
  const Reproduction& r = table.reproduction;
  return fmt::format("\n### {}\n\n{}. {}.\n\n{}\n{}{}{}\n{}.\n", r.name, escaped(r.title), escaped(r.source),
                     settings(r), contradictions(r), rows(table), checks(table), sim::summary_text(table.result));
}

}  // namespace

std::string reproductions_section() {
  const std::vector<Table> all = tables();
  std::string text =
      "## Papers\n\nWhat `headroom reproduce --all` prints: numbers of papers beside published formulas and "
      "predictions "
      "of jobs\n([reproductions.md](reproductions.md)). Settings are stated in front of the comparison and fitted to "
      "no "
      "row; a gate must hold,\nother rows are reported.\n\n" +
      overview(all);
  for (const Table& table : all) text += section(table);
  return text;
}

}  // namespace headroom::test

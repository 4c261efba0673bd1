#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/reproduce.h"
#include "labelled.h"
#include "table.h"
#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kNameColumns = 26;

std::string_view gate_text(const sim::ReproducedRow& row) {
  switch (row.verdict) {
    case sim::Verdict::holds: return "holds";
    case sim::Verdict::fails: return "FAILS";
    case sim::Verdict::reported:
    case sim::Verdict::not_derived: break;
  }
  return "";
}

Tone tone_of(const sim::ReproducedRow& row) { return row.verdict == sim::Verdict::fails ? Tone::warning : Tone::plain; }

bool same_table(const ReproductionRow& a, const ReproductionRow& b) {
  return a.group == b.group && dimension_of(a.unit) == dimension_of(b.unit);
}

/// Behind the last of the rows from `first` on that stand in one table.
std::size_t end_of_table(const std::vector<ReproductionRow>& rows, std::size_t first) {
  std::size_t end = first;
  while (end < rows.size() && same_table(rows[end], rows[first])) ++end;
  return end;
}

/// The unit that all rows of [first, end) share, or nothing.
std::string shared_unit(const std::vector<ReproductionRow>& rows, std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) {
    if (rows[i].unit != rows[first].unit) return {};
  }
  return std::string(name_of(rows[first].unit));
}

/// A row's line, its numbers with the unit where the header does not say it.
std::vector<Cell> cells_of(const ReproductionRow& row, const sim::ReproducedRow& result, bool with_unit) {
  const std::string unit = with_unit ? fmt::format(" {}", name_of(row.unit)) : "";
  const std::string predicted = sim::predicted_text(row, result);
  return {clip(row.name, kNameColumns),
          sim::printed_text(row, result) + unit,
          predicted.empty() ? "" : predicted + unit,
          sim::error_text(row, result),
          {std::string(name_of(row.certainty)), Tone::dim},
          {std::string(gate_text(result)), tone_of(result)}};
}

/// The rows from `first` on that share a heading and count the same; `first` goes behind them. Where they have several
/// units, each number has its own. A remark that several rows in turn have alike stands below the last.
std::string rows_text(const ReproducedTable& table, std::size_t& first, const Style& style) {
  const std::vector<ReproductionRow>& rows = table.reproduction.rows;
  const ReproductionRow& head = rows[first];
  const std::size_t end = end_of_table(rows, first);
  const std::string unit = shared_unit(rows, first, end);
  const std::string below_header = unit.empty() ? "" : ",\n" + unit;
  Table text({{""},
              {"printed" + below_header, Align::right},
              {"predicted" + below_header, Align::right},
              {"error", Align::right},
              {"known by"},
              {"gate"}});
  for (; first < end; ++first) {
    text.add(cells_of(rows[first], table.result.rows[first], unit.empty()));
    const std::string below = sim::remark_text(rows[first], table.result.rows[first]);
    const bool follows = first + 1 < end && sim::remark_text(rows[first + 1], table.result.rows[first + 1]) == below;
    if (!below.empty() && !follows) text.remark(below);
  }
  const std::string title = head.group.empty() ? "" : style.paint(wrap(head.group), Tone::bold) + '\n';
  return title + text.text(style) + '\n';
}

std::string settings_text(const Reproduction& reproduction, const Style& style) {
  std::string text = style.paint("Settings", Tone::bold) + '\n';
  for (const ReproductionSetting& setting : reproduction.settings) {
    text += "  " + wrap(fmt::format("{}: {}", setting.name, setting.text), 4) + '\n' + "    " +
            style.paint(wrap("from: " + setting.source, 4), Tone::dim) + '\n';
  }
  return text + '\n';
}

std::string contradictions_text(const Reproduction& reproduction, const Style& style) {
  if (reproduction.contradictions.empty()) return {};
  std::string text = style.paint("The paper against itself", Tone::bold) + '\n';
  for (const std::string& contradiction : reproduction.contradictions) text += "  " + wrap(contradiction, 2) + '\n';
  return text + '\n';
}

std::string checks_text(const ReproducedTable& table, const Style& style) {
  if (table.reproduction.checks.empty()) return {};
  std::string text = style.paint("Over the table", Tone::bold) + '\n';
  for (std::size_t i = 0; i < table.reproduction.checks.size(); ++i) {
    const ReproductionCheck& check = table.reproduction.checks[i];
    const sim::ReproducedCheck& result = table.result.checks[i];
    const std::string found = fmt::format("{}: {}", result.holds ? "holds" : "FAILS", sim::check_text(check, result));
    text += "  " + wrap(check.name, 2) + "\n    " +
            style.paint(wrap(found, 4), result.holds ? Tone::plain : Tone::warning) + '\n';
  }
  return text + '\n';
}

std::string table_text(const ReproducedTable& table, const Style& style) {
  std::string text = heading(table.reproduction.title, table.reproduction.source, style) +
                     settings_text(table.reproduction, style) + contradictions_text(table.reproduction, style);
  for (std::size_t row = 0; row < table.reproduction.rows.size();) text += rows_text(table, row, style);
  text += checks_text(table, style);
  return text + wrap(fmt::format("{}: {}", table.reproduction.name, sim::summary_text(table.result))) + '\n';
}

std::string list_text(const ReproduceResult& result, const Style& style) {
  Table text({{"name"}, {"rows", Align::right}, {"gates", Align::right}, {""}});
  for (const ReproducedTable& table : result.tables) {
    const sim::Reproduced& rows = table.result;
    text.add({{table.reproduction.name, Tone::bold},
              fmt::format("{}", rows.rows.size()),
              fmt::format("{}", rows.gates()),
              {rows.agrees() ? (rows.gates() > 0 ? "hold" : "") : fmt::format("{} FAIL", rows.gates() - rows.held()),
               rows.agrees() ? Tone::plain : Tone::warning}});
    text.remark(table.reproduction.title);
  }
  return text.text(style);
}

}  // namespace

std::string to_text(const ReproduceResult& result, const Style& style) {
  if (result.is_list) return list_text(result, style);
  std::string text;
  for (const ReproducedTable& table : result.tables) text += (text.empty() ? "" : "\n") + table_text(table, style);
  return text;
}

}  // namespace headroom::cli

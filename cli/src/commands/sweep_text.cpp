#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/sim/honesty.h>

#include "commands/sweep.h"
#include "labelled.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLongestValue = 16;

/// Rows that differ in the fastest axis alone, in one table.
struct Group {
  std::string title;  ///< the other axes' values; empty: there are none
  std::vector<const SweepRow*> rows;
};

bool lengths_vary(const SweepPlan& plan) { return plan.seq.has_value(); }

/// The axes that stand in a group's title.
std::size_t axes_in_title(const SweepPlan& plan) {
  return lengths_vary(plan) || plan.axes.empty() ? plan.axes.size() : plan.axes.size() - 1;
}

std::string title_of(const SweepPlan& plan, std::int64_t row) {
  const std::vector<std::string> values = plan.values_of(row);
  std::string title;
  for (std::size_t i = 0; i < axes_in_title(plan); ++i) {
    title += fmt::format("{}{} {}", i > 0 ? ", " : "", plan.axes[i].name, values[i]);
  }
  return title;
}

std::vector<Group> groups_of(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  std::vector<Group> groups;
  for (const SweepRow& row : rows) {
    std::string title = title_of(plan, row.number);
    if (groups.empty() || groups.back().title != title) groups.push_back({std::move(title), {}});
    groups.back().rows.push_back(&row);
  }
  return groups;
}

std::string length_text(Tokens tokens) {
  if (tokens == Tokens(0)) return "nothing fits";
  return tokens < sim::kLongestContext ? format_tokens(tokens) : "no limit";
}

std::string first_cell(const SweepPlan& plan, const SweepRow& row) {
  if (lengths_vary(plan)) return format_tokens(row.answer.seq);
  return clip(plan.values_of(row.number).back(), kLongestValue);
}

void add_row(Table& table, const SweepPlan& plan, const SweepRow& row, bool has_host) {
  const sim::SweepAnswer& answer = row.answer;
  if (!answer.refused.empty()) {
    table.add({{first_cell(plan, row), Tone::bold}, {"refused", Tone::warning}});
    return;
  }
  const Tone tone = answer.fits ? Tone::plain : Tone::warning;
  std::vector<Cell> cells{{first_cell(plan, row), Tone::bold}};
  if (plan.grid) cells.push_back({length_text(answer.seq), tone});
  if (!plan.grid) cells.push_back({answer.fits ? "yes" : "no", tone});
  if (!plan.grid) cells.push_back(format_bytes(answer.allocated));
  cells.push_back({format_bytes(answer.device), tone});
  if (has_host) cells.push_back(format_bytes(answer.host));
  cells.push_back({answer.host_binds ? "host memory" : category_text(answer.binding), Tone::accent});
  std::vector<Cell> below(cells.size() - 1, Cell(""));
  below.push_back({instant_text(answer.moment.instant), Tone::dim});
  table.add(std::move(cells));
  table.add(std::move(below));
}

std::vector<Column> columns_of(const SweepPlan& plan, bool has_host) {
  std::vector<Column> columns{lengths_vary(plan) ? Column{"tokens", Align::right} : Column{plan.axes.back().name}};
  columns.push_back({plan.grid ? "max context" : "fits", plan.grid ? Align::right : Align::left});
  if (!plan.grid) columns.push_back({"allocated", Align::right});
  columns.push_back({"device", Align::right});
  if (has_host) columns.push_back({"host", Align::right});
  columns.push_back({"binding, and when"});
  return columns;
}

/// A sentence that rows in turn share stands below the last.
std::string group_text(const SweepPlan& plan, const Group& group, bool has_host, const Style& style) {
  Table table(columns_of(plan, has_host));
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    add_row(table, plan, *group.rows[i], has_host);
    const std::string& refused = group.rows[i]->answer.refused;
    const bool follows = i + 1 < group.rows.size() && group.rows[i + 1]->answer.refused == refused;
    if (!refused.empty() && !follows) table.remark(refused);
  }
  const std::string title = group.title.empty() ? "" : style.paint(wrap(group.title), Tone::bold) + '\n';
  return title + table.text(style) + '\n';
}

}  // namespace

std::string table_text(const SweepPlan& plan, const std::vector<SweepRow>& rows, const Style& style) {
  const bool has_host =
      std::any_of(rows.begin(), rows.end(), [](const SweepRow& row) { return row.answer.host > Bytes(); });
  std::string text;
  for (const Group& group : groups_of(plan, rows)) text += group_text(plan, group, has_host, style);
  return text + labelled("Note", sim::runtime_note(), style, Tone::dim);
}

}  // namespace headroom::cli

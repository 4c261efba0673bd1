#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/compare.h"
#include "honesty.h"
#include "labelled.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kMethodsPerTable = 5;

using Group = std::vector<const Prediction*>;

/// "memory-" above "efficient"
std::string narrow(std::string name) {
  const std::size_t dash = name.find('-');
  if (dash != std::string::npos) name.insert(dash + 1, "\n");
  return name;
}

/// A row with one value per method.
template <class Value>
std::vector<Cell> row(const std::string& name, const Group& group, Value value) {
  std::vector<Cell> cells{name};
  for (const Prediction* prediction : group) cells.push_back(value(*prediction));
  return cells;
}

Cell category_cell(const Prediction& prediction, Category category) {
  const Bytes bytes = prediction.breakdown.categories[category];
  if (bytes == Bytes(0)) return {"-", Tone::dim};
  return {format_bytes(bytes), category == prediction.breakdown.binding ? Tone::accent : Tone::plain};
}

void add_categories(Table& table, const Group& group) {
  for (const auto& named : values_of<Category>()) {
    const Category category = named.value;
    const auto is_there = [category](const Prediction* p) { return p->breakdown.categories[category] > Bytes(0); };
    if (std::none_of(group.begin(), group.end(), is_there)) continue;
    table.add(
        row(category_text(category), group, [category](const Prediction& p) { return category_cell(p, category); }));
  }
}

void add_totals(Table& table, const Group& group) {
  table.add(row("allocated", group, [](const Prediction& p) { return Cell(format_bytes(p.breakdown.allocated)); }));
  if (!is_budget(group.front()->job.device)) {
    table.add(
        row("device", group, [](const Prediction& p) { return Cell(format_bytes(p.breakdown.device), Tone::bold); }));
  }
  table.add(row("headroom", group, [](const Prediction& p) {
    const Bytes left = p.job.device.capacity.bytes - p.breakdown.device;
    return Cell(format_bytes(left), left < Bytes(0) ? Tone::warning : Tone::plain);
  }));
}

std::string bytes_text(const Group& group, const Style& style) {
  std::vector<Column> columns{{""}};
  for (const Prediction* prediction : group) columns.push_back({narrow(prediction->job.method.name), Align::right});
  Table table(columns);
  table.add(row("tokens", group,
                [](const Prediction& p) { return Cell(format_grouped(p.breakdown.seq.count()), Tone::bold); }));
  add_categories(table, group);
  table.rule();
  add_totals(table, group);
  return table.text(style) + "\n";
}

std::string peaks_text(const Group& group, const Style& style) {
  Table table({{"method"}, {"peak at"}, {"binding"}, {"fits"}});
  for (const Prediction* prediction : group) {
    const sim::Breakdown& breakdown = prediction->breakdown;
    table.add({prediction->job.method.name,
               moment_text(breakdown.moment),
               {category_text(breakdown.binding), Tone::accent},
               {prediction->fits() ? "yes" : "no", prediction->fits() ? Tone::plain : Tone::warning}});
  }
  return table.text(style) + "\n";
}

std::string refusals_text(const std::vector<Prediction>& predictions) {
  std::string text;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) text += wrap(prediction.job.method.name + ": " + prediction.refused) + "\n\n";
  }
  return text;
}

}  // namespace

std::string to_text(const CompareResult& result, const Style& style) {
  const Job& job = result.predictions.front().job;
  const std::string where =
      result.grid ? "each method at its longest context" : "every method at " + tokens_text(job.seq);
  Group shown;
  Honesty honesty;
  for (const Prediction& prediction : result.predictions) {
    if (!prediction.refused.empty()) continue;
    shown.push_back(&prediction);
    honesty.jobs.push_back(prediction.job);
  }
  std::string text =
      heading(fmt::format("{}: {}", subject_text(job), where), common_settings_text(result.predictions), style);
  for (std::size_t begin = 0; begin < shown.size(); begin += kMethodsPerTable) {
    const auto count = std::min(kMethodsPerTable, shown.size() - begin);
    const auto first = shown.begin() + static_cast<std::ptrdiff_t>(begin);
    text += bytes_text(Group(first, first + static_cast<std::ptrdiff_t>(count)), style);
  }
  return text + peaks_text(shown, style) + refusals_text(result.predictions) + short_honesty_text(honesty, style);
}

}  // namespace headroom::cli

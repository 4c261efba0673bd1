#include "check_parts.h"

#include <headroom/models/format.h>

#include "table.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string signed_text(Bytes bytes) { return (bytes > Bytes() ? "+" : "") + format_grouped(bytes.count()); }

void add_row(Table& table, const std::string& name, const sim::CheckedFigure& figure) {
  const Tone tone = figure.agrees() ? Tone::plain : Tone::warning;
  table.add({{name, tone},
             format_grouped(figure.measured.count()),
             format_grouped(figure.predicted.count()),
             {signed_text(figure.difference()), tone}});
}

Json figure_json(const sim::CheckedFigure& figure) {
  return {{"measured_bytes", figure.measured.count()},
          {"predicted_bytes", figure.predicted.count()},
          {"difference_bytes", figure.difference().count()},
          {"tolerance_bytes", figure.tolerance.count()},
          {"agrees", figure.agrees()}};
}

std::vector<std::string> figure_fields(std::string_view name, const sim::CheckedFigure& figure) {
  return {std::string(name),
          format_count(figure.measured.count()),
          format_count(figure.predicted.count()),
          format_count(figure.difference().count()),
          format_count(figure.tolerance.count()),
          figure.agrees() ? "true" : "false"};
}

}  // namespace

std::string check_table(const sim::Check& check, Figures categories, const Style& style) {
  Table table(
      {{"bytes", Align::left}, {"measured", Align::right}, {"predicted", Align::right}, {"difference", Align::right}});
  for (const sim::CheckedCategory& category : check.categories) {
    if (categories == Figures::disagreeing && category.figure.agrees()) continue;
    add_row(table, category_text(category.category), category.figure);
  }
  add_row(table, "allocated", check.total);
  if (check.witness) add_row(table, "seen by the witness", *check.witness);
  if (check.device) add_row(table, "taken of the device", *check.device);
  return table.text(style, 2);
}

Json check_json(const sim::Check& check) {
  Json json{{"agrees", check.agrees()}, {"allocated", figure_json(check.total)}, {"categories", Json::object()}};
  for (const sim::CheckedCategory& category : check.categories) {
    json["categories"][std::string(name_of(category.category))] = figure_json(category.figure);
  }
  json["witness"] = check.witness ? figure_json(*check.witness) : Json(nullptr);
  json["device"] = check.device ? figure_json(*check.device) : Json(nullptr);
  return json;
}

std::vector<std::string> check_header() {
  return {"figure", "measured_bytes", "predicted_bytes", "difference_bytes", "tolerance_bytes", "agrees"};
}

std::vector<std::vector<std::string>> check_fields(const sim::Check& check) {
  std::vector<std::vector<std::string>> rows;
  for (const sim::CheckedCategory& category : check.categories) {
    rows.push_back(figure_fields(name_of(category.category), category.figure));
  }
  rows.push_back(figure_fields("allocated", check.total));
  if (check.witness) rows.push_back(figure_fields("witness", *check.witness));
  if (check.device) rows.push_back(figure_fields("device", *check.device));
  return rows;
}

}  // namespace headroom::cli

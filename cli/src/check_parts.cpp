#include "check_parts.h"

#include <fmt/format.h>

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

std::string rank_name(const sim::CheckedRank& rank) { return fmt::format("rank {} allocated", rank.rank); }

void add_disagreeing_categories(Table& table, const sim::CheckedRank& rank) {
  for (const sim::CheckedCategory& category : rank.categories) {
    if (category.figure.agrees()) continue;
    add_row(table, fmt::format("rank {} {}", rank.rank, category_text(category.category)), category.figure);
  }
}

/// The bytes and the messages that a rank sent, as figures with the names of their rows.
std::vector<std::pair<std::string, sim::CheckedFigure>> sent_figures(const sim::CheckedRank& rank) {
  if (!rank.sent) return {};
  const sim::Sent &measured = rank.sent->measured, &predicted = rank.sent->predicted;
  return {{fmt::format("rank {} sent", rank.rank), {measured.bytes, predicted.bytes, Bytes()}},
          {fmt::format("rank {} messages", rank.rank), {Bytes(measured.messages), Bytes(predicted.messages), Bytes()}}};
}

Json sent_json(const sim::CheckedRank& rank) {
  if (!rank.sent) return nullptr;
  const sim::CheckedSent& sent = *rank.sent;
  return {{"measured_bytes", sent.measured.bytes.count()},
          {"predicted_bytes", sent.predicted.bytes.count()},
          {"measured_messages", sent.measured.messages},
          {"predicted_messages", sent.predicted.messages},
          {"agrees", sent.agrees()}};
}

Json figure_json(const sim::CheckedFigure& figure) {
  return {{"measured_bytes", figure.measured.count()},
          {"predicted_bytes", figure.predicted.count()},
          {"difference_bytes", figure.difference().count()},
          {"tolerance_bytes", figure.tolerance.count()},
          {"agrees", figure.agrees()}};
}

Json categories_json(const std::vector<sim::CheckedCategory>& categories) {
  Json json = Json::object();
  for (const sim::CheckedCategory& category : categories) {
    json[std::string(name_of(category.category))] = figure_json(category.figure);
  }
  return json;
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
  if (check.host) add_row(table, "on the host", check.host->total);
  for (const sim::CheckedRank& rank : check.ranks) {
    if (categories == Figures::disagreeing && rank.agrees()) continue;
    add_row(table, rank_name(rank), rank.total);
    add_disagreeing_categories(table, rank);
    for (const auto& [name, figure] : sent_figures(rank)) {
      if (categories == Figures::all || !figure.agrees()) add_row(table, name, figure);
    }
  }
  if (check.witness) add_row(table, "seen by the witness", *check.witness);
  if (check.device) add_row(table, "taken of the device", *check.device);
  return table.text(style, 2);
}

Json check_json(const sim::Check& check) {
  Json json{{"agrees", check.agrees()},
            {"allocated", figure_json(check.total)},
            {"categories", categories_json(check.categories)}};
  json["witness"] = check.witness ? figure_json(*check.witness) : Json(nullptr);
  json["device"] = check.device ? figure_json(*check.device) : Json(nullptr);
  json["host"] = check.host ? figure_json(check.host->total) : Json(nullptr);
  json["ranks"] = Json::array();
  for (const sim::CheckedRank& rank : check.ranks) {
    json["ranks"].push_back({{"rank", rank.rank},
                             {"agrees", rank.agrees()},
                             {"allocated", figure_json(rank.total)},
                             {"categories", categories_json(rank.categories)},
                             {"sent", sent_json(rank)}});
  }
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
  if (check.host) rows.push_back(figure_fields("host", check.host->total));
  for (const sim::CheckedRank& rank : check.ranks) {
    rows.push_back(figure_fields(rank_name(rank), rank.total));
    if (rank.sent) rows.push_back(figure_fields(sent_figures(rank).front().first, sent_figures(rank).front().second));
  }
  return rows;
}

}  // namespace headroom::cli

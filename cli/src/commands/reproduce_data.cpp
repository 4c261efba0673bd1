#include <headroom/models/format.h>

#include "commands/reproduce.h"
#include "csv.h"
#include "data_parts.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

/// A whole number where the value is one.
Json number(const Rational& value) { return value.is_whole() ? Json(value.numerator()) : Json(value.approximate()); }

Json number(const std::optional<Rational>& value) { return value ? number(*value) : Json(nullptr); }

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json symbols_json(const SymbolValues& symbols) {
  Json json = Json::object();
  for (const auto& [symbol, size] : symbols) json[symbol] = size;
  return json;
}

Json setting_json(const ReproductionSetting& setting) {
  return {{"name", setting.name}, {"text", setting.text}, {"source", setting.source}};
}

/// What was held against the printed number.
void add_comparison(Json& json, const ReproductionRow& row) {
  json["formula"] = text_or_null(row.formula);
  json["relative_to"] = text_or_null(row.relative_to);
  json["symbols"] = symbols_json(row.symbols);
  json["relative_symbols"] = row.relative_to.empty() ? Json(nullptr) : symbols_json(row.relative_symbols);
  json["quantity"] = row.job ? Json(name_of(row.quantity)) : Json(nullptr);
  json["job"] = row.job ? job_json(*row.job) : Json(nullptr);
  json["relative_job"] = row.relative_job ? job_json(*row.relative_job) : Json(nullptr);
}

Json row_json(const ReproductionRow& row, const sim::ReproducedRow& result) {
  Json json{{"name", row.name}, {"group", text_or_null(row.group)}, {"unit", name_of(row.unit)}};
  json["printed"] = row.printed;
  json["printed_value"] = number(result.printed);
  json["certainty"] = name_of(row.certainty);
  json["predicted"] = number(result.predicted);
  json["difference"] = number(result.difference());
  json["gate"] = name_of(row.gate);
  json["tolerance"] = row.gate == Gate::within ? number(row.tolerance.value) : Json(nullptr);
  json["verdict"] = name_of(result.verdict);
  json["reason"] = text_or_null(row.reason);
  json["not_derived"] = text_or_null(row.not_derived);
  add_comparison(json, row);
  return json;
}

Json check_json(const ReproductionCheck& check, const sim::ReproducedCheck& result) {
  const bool of_powers = check.kind == CheckKind::powers_of_two;
  Json json{{"name", check.name},    {"kind", name_of(check.kind)}, {"rows", check.rows},
            {"holds", result.holds}, {"held", result.held},         {"of", result.of}};
  json["at_least"] = of_powers ? Json(check.at_least) : Json(nullptr);
  json["equal"] = of_powers ? Json(result.equal) : Json(nullptr);
  json["mean_powers_of_two"] = of_powers && result.fitting > 0 ? number(result.mean) : Json(nullptr);
  return json;
}

void add_rows(Json& json, const ReproducedTable& table) {
  json["settings"] = Json::array();
  for (const ReproductionSetting& setting : table.reproduction.settings) {
    json["settings"].push_back(setting_json(setting));
  }
  json["contradictions"] = table.reproduction.contradictions;
  json["rows"] = Json::array();
  for (std::size_t i = 0; i < table.reproduction.rows.size(); ++i) {
    json["rows"].push_back(row_json(table.reproduction.rows[i], table.result.rows[i]));
  }
  json["checks"] = Json::array();
  for (std::size_t i = 0; i < table.reproduction.checks.size(); ++i) {
    json["checks"].push_back(check_json(table.reproduction.checks[i], table.result.checks[i]));
  }
}

Json table_json(const ReproducedTable& table, bool with_rows) {
  const sim::Reproduced& result = table.result;
  Json json{{"name", table.reproduction.name},
            {"title", table.reproduction.title},
            {"source", table.reproduction.source},
            {"gates", result.gates()},
            {"gates_held", result.held()},
            {"rows_reported", result.count(sim::Verdict::reported)},
            {"rows_not_derived", result.count(sim::Verdict::not_derived)}};
  if (with_rows) add_rows(json, table);
  return json;
}

std::string exact_text(const std::optional<Rational>& value) {
  if (!value) return "";
  return value->is_whole() ? format_count(value->numerator()) : Json(value->approximate()).dump();
}

std::string list_csv(const ReproduceResult& result) {
  std::string text = csv_record({"name", "title", "source", "rows", "gates", "gates_held"});
  const auto count = [](std::size_t n) { return format_count(static_cast<std::int64_t>(n)); };
  for (const ReproducedTable& table : result.tables) {
    const Reproduction& r = table.reproduction;
    text += csv_record(
        {r.name, r.title, r.source, count(r.rows.size()), count(table.result.gates()), count(table.result.held())});
  }
  return text;
}

}  // namespace

Json to_json(const ReproduceResult& result) {
  Json json{{"schema", result.is_list ? "headroom/reproductions/1" : "headroom/reproduce/1"},
            {"agrees", exit_code(result) == 0},
            {"reproductions", Json::array()}};
  for (const ReproducedTable& table : result.tables) {
    json["reproductions"].push_back(table_json(table, !result.is_list));
  }
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const ReproduceResult& result) {
  if (result.is_list) return list_csv(result);
  std::string text = csv_record({"reproduction", "group", "row", "unit", "printed", "printed_value", "certainty",
                                 "predicted", "difference", "gate", "verdict", "reason"});
  for (const ReproducedTable& table : result.tables) {
    for (std::size_t i = 0; i < table.result.rows.size(); ++i) {
      const ReproductionRow& row = table.reproduction.rows[i];
      const sim::ReproducedRow& r = table.result.rows[i];
      text += csv_record({table.reproduction.name, row.group, row.name, std::string(name_of(row.unit)), row.printed,
                          exact_text(r.printed), std::string(name_of(row.certainty)), exact_text(r.predicted),
                          exact_text(r.difference()), std::string(name_of(row.gate)), std::string(name_of(r.verdict)),
                          row.not_derived.empty() ? row.reason : row.not_derived});
    }
  }
  return text;
}

}  // namespace headroom::cli

#include <headroom/models/format.h>
#include <headroom/models/reproduction.h>

#include "json_text.h"
#include "read_named.h"
#include "schema.h"
#include "text.h"

namespace headroom {
namespace {

using Json = nlohmann::json;

void require(bool holds, const Place& place, std::string_view rule) {
  if (!holds) throw InputError(fmt::format("{}: {}", place.text(), rule));
}

void read_symbols(const Json& json, const Place& place, SymbolValues& symbols) {
  if (!json.is_object()) refuse_value(json, place, "a JSON object of symbols and their sizes");
  for (const auto& [symbol, size] : json.items()) {
    std::int64_t value = 0;
    read_value(size, place.member(symbol), value);
    require(value >= 1, place.member(symbol), "must be at least 1");
    symbols[symbol] = value;
  }
}

void read_symbols(FieldReader& fields, SymbolValues& symbols, std::string_view key = "symbols") {
  if (const Json* json = fields.find(key)) read_symbols(*json, fields.place().member(key), symbols);
}

/// "bf16", the name of an object that has one, or the JSON.
std::string value_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  const auto name = json.is_object() ? json.find("name") : json.end();
  return json.is_object() && name != json.end() && name->is_string() ? name->get<std::string>() : json.dump();
}

std::string text_of(const ReproductionSetting& setting) {
  std::vector<std::string> parts;
  for (const auto& [symbol, size] : setting.symbols)
    parts.push_back(fmt::format("{} = {}", symbol, format_grouped(size)));
  if (!setting.job.empty()) {
    const Json job = Json::parse(setting.job);
    for (const auto& [key, value] : job.items()) {
      parts.push_back(fmt::format("{} {}", key, value_text(value)));
    }
  }
  const std::string all = fmt::format("{}", fmt::join(parts, ", "));
  return setting.value.empty() || all.empty() ? setting.value + all : fmt::format("{} ({})", setting.value, all);
}

ReproductionSetting read_setting(const Json& json, const Place& place) {
  ReproductionSetting setting;
  FieldReader fields(json, place);
  fields.required("name", setting.name);
  fields.optional("value", setting.value);
  read_symbols(fields, setting.symbols);
  if (const Json* job = fields.find("job")) {
    if (!job->is_object()) refuse_value(*job, place.member("job"), "a JSON object with keys of a job file");
    setting.job = job->dump();
  }
  fields.required("source", setting.source);
  fields.refuse_unknown_keys();
  const bool says_something = !setting.value.empty() || !setting.symbols.empty() || !setting.job.empty();
  require(says_something, place, "a setting needs 'value', 'symbols' or 'job'");
  setting.text = text_of(setting);
  return setting;
}

const ReproductionSetting& setting_named(const Reproduction& file, const std::string& name, const Place& place) {
  for (const ReproductionSetting& setting : file.settings) {
    if (setting.name == name) return setting;
  }
  throw InputError(fmt::format("{}: there is no setting {}", place.text(), in_quotes(name)));
}

/// The symbols and the job of all settings that the row uses, later ones over earlier ones, then its own.
void merge_settings(const Reproduction& file, FieldReader& fields, ReproductionRow& row, Json& job) {
  fields.optional("use", row.settings);
  const Place place = fields.place().member("use");
  for (std::size_t i = 0; i < row.settings.size(); ++i) {
    const ReproductionSetting& setting = setting_named(file, row.settings[i], place.item(i));
    for (const auto& [symbol, size] : setting.symbols) row.symbols[symbol] = size;
    if (!setting.job.empty()) job.merge_patch(Json::parse(setting.job));
  }
  read_symbols(fields, row.symbols);
  if (const Json* own = fields.find("job")) job.merge_patch(*own);
}

void read_grid(FieldReader& fields, ReproductionRow& row) {
  std::string grid = "256";
  fields.optional("grid", grid);
  row.powers_of_two = grid == "pow2";
  if (!row.powers_of_two && grid != "256") {
    throw InputError(
        fmt::format("{} must be pow2 or 256, not {}", fields.place().member("grid").text(), in_quotes(grid)));
  }
}

/// The job of a row's comparison, with the length that its quantity needs.
Job read_job_of(const ReproductionRow& row, const Json& json, const Place& place) {
  Job job;
  read_object(json, place, job);
  const bool needs_length = row.quantity != JobQuantity::max_context;
  require(!needs_length || job.seq.count() >= 1, place, "'seq' is missing: the length of the job");
  return job;
}

/// What is held against the printed number.
void read_comparison(FieldReader& fields, ReproductionRow& row, const Json& job) {
  const Place& place = fields.place();
  fields.optional("formula", row.formula);
  fields.optional("relative_to", row.relative_to);
  require(!row.relative_to.empty() || fields.find("relative_symbols") == nullptr, place,
          "'relative_symbols' needs 'relative_to'");
  row.relative_symbols = row.symbols;
  read_symbols(fields, row.relative_symbols, "relative_symbols");
  fields.optional("not_derived", row.not_derived);
  const bool asks_job = fields.find("quantity") != nullptr;
  fields.optional("quantity", row.quantity);
  read_grid(fields, row);
  const int ways = (row.formula.empty() ? 0 : 1) + (row.not_derived.empty() ? 0 : 1) + (asks_job ? 1 : 0);
  require(ways == 1, place, "a row needs one of 'formula', 'quantity' (of a job) and 'not_derived'");
  require(row.relative_to.empty() || !row.formula.empty(), place, "'relative_to' needs 'formula'");
  const Json* relative = fields.find("relative_job");
  require(asks_job || relative == nullptr, place, "'relative_job' needs 'quantity'");
  if (!asks_job) return;
  row.job = read_job_of(row, job, place.member("job"));
  if (relative == nullptr) return;
  Json other = job;
  other.merge_patch(*relative);
  row.relative_job = read_job_of(row, other, place.member("relative_job"));
}

void read_gate(FieldReader& fields, ReproductionRow& row) {
  const Place& place = fields.place();
  fields.optional("gate", row.gate);
  std::string tolerance;
  fields.optional("tolerance", tolerance);
  require(tolerance.empty() == (row.gate != Gate::within), place, "'tolerance' goes with \"gate\": \"within\"");
  if (!tolerance.empty()) row.tolerance = parse_decimal(tolerance, place.member("tolerance").text());
  if (row.gate == Gate::digits || row.gate == Gate::truncated)
    (void)parse_decimal(row.printed, place.member("printed").text());
  require(row.gate == Gate::none || row.certainty != PrintedCertainty::memory, place,
          "a number known from memory is reported, never gated");
  require(row.gate == Gate::none || row.not_derived.empty(), place, "what is not derived has no gate");
}

ReproductionRow read_row(const Reproduction& file, const Json& json, const Place& place) {
  ReproductionRow row;
  Json job = Json::object();
  FieldReader fields(json, place);
  fields.required("name", row.name);
  fields.optional("group", row.group);
  fields.required("printed", row.printed);
  fields.required("unit", row.unit);
  fields.required("certainty", row.certainty);
  merge_settings(file, fields, row, job);
  read_comparison(fields, row, job);
  read_gate(fields, row);
  fields.optional("reason", row.reason);
  fields.refuse_unknown_keys();
  return row;
}

ReproductionCheck read_check(const Json& json, const Place& place) {
  ReproductionCheck check;
  FieldReader fields(json, place);
  fields.required("name", check.name);
  fields.required("kind", check.kind);
  fields.required("rows", check.rows);
  fields.optional("factor", check.factor);
  fields.optional("steps", check.steps);
  fields.optional("at_least", check.at_least);
  const bool of_ratio = check.kind == CheckKind::ratio;
  const bool of_powers = check.kind == CheckKind::powers_of_two;
  require(check.factor.empty() != of_ratio, place, "'factor' goes with \"kind\": \"ratio\"");
  require(check.at_least >= (of_powers ? 1 : 0), place.member("at_least"), "must be at least 1");
  require(of_powers || check.at_least == 0, place, "'at_least' goes with \"kind\": \"powers-of-two\"");
  require(of_powers || check.steps == 0, place, "'steps' goes with \"kind\": \"powers-of-two\"");
  require(check.steps >= 0, place.member("steps"), "must not be negative");
  require(of_ratio ? check.rows.size() == 2 : !check.rows.empty(), place.member("rows"),
          of_ratio ? "must be the names of two rows" : "must not be empty");
  fields.refuse_unknown_keys();
  return check;
}

void read_checks(FieldReader& fields, Reproduction& file) {
  const Json* checks = fields.find("checks");
  if (checks == nullptr) return;
  const Place place = fields.place().member("checks");
  if (!checks->is_array()) refuse_value(*checks, place, "a list");
  for (std::size_t i = 0; i < checks->size(); ++i) file.checks.push_back(read_check((*checks)[i], place.item(i)));
}

const Json& list(FieldReader& fields, std::string_view key) {
  const Json* found = fields.find(key);
  const Place place = fields.place().member(key);
  require(found != nullptr, place, "is missing");
  if (!found->is_array() || found->empty()) refuse_value(*found, place, "a list with at least one entry");
  return *found;
}

}  // namespace

std::vector<std::string_view> reproduction_names() { return names_of(reproductions_presets()); }

Read<Reproduction> parse_reproduction(std::string_view text, const std::string& origin) {
  const Json json = parse_json_text(text, origin);
  const Place place{origin, {}};
  Reproduction file;
  file.origin = origin;
  FieldReader fields(json, place);
  fields.tag("reproduction/1");
  fields.required("name", file.name);
  fields.ignored("order");
  fields.required("title", file.title);
  fields.required("source", file.source);
  fields.optional("contradictions", file.contradictions);
  const Json& settings = list(fields, "settings");
  for (std::size_t i = 0; i < settings.size(); ++i) {
    file.settings.push_back(read_setting(settings[i], place.member("settings").item(i)));
  }
  const Json& rows = list(fields, "rows");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    file.rows.push_back(read_row(file, rows[i], place.member("rows").item(i)));
  }
  read_checks(fields, file);
  fields.refuse_unknown_keys();
  return {std::move(file), {}};
}

Read<Reproduction> read_reproduction(const std::string& name_or_path) {
  const auto preset = [](const std::string& name) {
    const PresetSource& source = *find_preset(reproductions_presets(), name);
    return parse_reproduction(source.json, std::string(source.name)).value;
  };
  return read_named(reproductions_presets(), "reproduction", name_or_path, preset, parse_reproduction);
}

}  // namespace headroom

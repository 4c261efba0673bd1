#include <fmt/format.h>

#include <headroom/models/format.h>

#include "check_parts.h"
#include "commands/validate.h"
#include "csv.h"
#include "data_parts.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string record_text(const ValidatedRecord& record, bool with_all, const Style& style) {
  const bool agrees = record.check.agrees();
  const std::string title = fmt::format("{}: {}", record.name, agrees ? "agrees" : "does not agree");
  const std::string subject =
      fmt::format("{}, {}, {}", name_text(record.job.model.name), method_text(record.job), tokens_text(record.job.seq));
  return style.paint(wrap(title), agrees ? Tone::bold : Tone::warning) + "\n  " +
         style.paint(wrap(subject, 2), Tone::dim) + "\n  " +
         style.paint(wrap(settings_text(record.job), 2), Tone::dim) + "\n" +
         check_table(record.check, with_all ? Figures::all : Figures::disagreeing, style) + "\n";
}

Json record_json(const ValidatedRecord& record) {
  Json json{{"record", record.name}, {"method", record.job.method.name}, {"job", job_json(record.job)}};
  json.update(check_json(record.check));
  return json;
}

}  // namespace

std::string to_text(const ValidateResult& result, const Style& style) {
  std::string text;
  for (const ValidatedRecord& record : result.records) text += record_text(record, result.with_all_categories, style);
  const std::size_t count = result.records.size();
  const std::size_t agreeing = result.agreeing();
  const std::string unread =
      result.errors.empty() ? "" : fmt::format("; {} could not be checked", result.errors.size());
  return text + fmt::format("{} {}: {} agree, {} do not{}\n", count, count == 1 ? "record" : "records", agreeing,
                            count - agreeing, unread);
}

Json to_json(const ValidateResult& result) {
  Json json{{"schema", "headroom/validate/1"}, {"records", Json::array()}};
  for (const ValidatedRecord& record : result.records) json["records"].push_back(record_json(record));
  json["agreeing"] = result.agreeing();
  json["disagreeing"] = result.records.size() - result.agreeing();
  json["errors"] = result.errors;
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const ValidateResult& result) {
  std::vector<std::string> header{"record", "method", "seq_tokens"};
  for (const std::string& name : check_header()) header.push_back(name);
  std::string text = csv_record(header);
  for (const ValidatedRecord& record : result.records) {
    for (const std::vector<std::string>& figure : check_fields(record.check)) {
      std::vector<std::string> fields{record.name, record.job.method.name, format_count(record.job.seq.count())};
      fields.insert(fields.end(), figure.begin(), figure.end());
      text += csv_record(fields);
    }
  }
  return text;
}

}  // namespace headroom::cli

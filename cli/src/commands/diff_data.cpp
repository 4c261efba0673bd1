#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/diff.h"
#include "csv.h"
#include "data_parts.h"
#include "honesty.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

Json side_json(const Prediction& prediction) {
  Json json = prediction_json(prediction);
  add_honesty(json, {{prediction.job}});
  return json;
}

Json held_json(const sim::Held& held) {
  Json json{{"count", held.count()}, {"total_bytes", held.total.count()}, {"tensors", Json::array()}};
  for (const sim::LiveTensor& tensor : held.tensors) {
    json["tensors"].push_back({{"formula", tensor.formula},
                               {"shape", tensor.shape},
                               {"dtype", name_of(tensor.dtype)},
                               {"count", tensor.count},
                               {"each_bytes", tensor.each.count()},
                               {"total_bytes", tensor.total.count()}});
  }
  return json;
}

Json term_json(const sim::TermDifference& term) {
  return {{"memory", name_of(term.memory)},
          {"category", name_of(term.category)},
          {"name", term.name},
          {"difference_bytes", term.difference().count()},
          {"first", held_json(term.first)},
          {"second", held_json(term.second)}};
}

/// "1x8192x4096"; several shapes stand side by side.
std::string shapes_text(const sim::Held& held) {
  std::string text;
  for (const sim::LiveTensor& tensor : held.tensors) {
    text += (text.empty() ? "" : ";") + fmt::format("{}", fmt::join(tensor.shape, "x"));
  }
  return text;
}

}  // namespace

Json to_json(const DiffResult& result) {
  const sim::Difference& difference = result.difference;
  Json json{{"schema", "headroom/diff/1"}};
  json["first"] = side_json(result.first);
  json["second"] = side_json(result.second);
  json["device_difference_bytes"] = (difference.second.device - difference.first.device).count();
  json["host_difference_bytes"] = (difference.second.host.allocated - difference.first.host.allocated).count();
  json["settings"] = Json::array();
  for (const ChangedSetting& setting : result.settings) {
    json["settings"].push_back({{"name", setting.name}, {"first", setting.first}, {"second", setting.second}});
  }
  json["terms"] = Json::array();
  for (const sim::TermDifference& term : difference.terms) json["terms"].push_back(term_json(term));
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const DiffResult& result) {
  std::string text = csv_record({"memory", "category", "name", "difference_bytes", "first_count", "first_shape",
                                 "first_bytes", "second_count", "second_shape", "second_bytes"});
  for (const sim::TermDifference& term : result.difference.terms) {
    text +=
        csv_record({std::string(name_of(term.memory)), std::string(name_of(term.category)), term.name,
                    format_count(term.difference().count()), format_count(term.first.count()), shapes_text(term.first),
                    format_count(term.first.total.count()), format_count(term.second.count()), shapes_text(term.second),
                    format_count(term.second.total.count())});
  }
  return text;
}

}  // namespace headroom::cli

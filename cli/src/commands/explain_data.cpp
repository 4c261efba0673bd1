#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/explain.h"
#include "csv.h"
#include "data_parts.h"
#include "honesty.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

Json tensor_json(const sim::LiveTensor& tensor) {
  return {{"name", tensor.name},
          {"formula", tensor.formula},
          {"shape", tensor.shape},
          {"dtype", name_of(tensor.dtype)},
          {"category", name_of(tensor.category)},
          {"count", tensor.count},
          {"each_bytes", tensor.each.count()},
          {"total_bytes", tensor.total.count()},
          {"source", tensor.source}};
}

}  // namespace

Json to_json(const ExplainResult& result) {
  Json json{{"schema", "headroom/explain/1"}};
  json.update(prediction_json(result.prediction));
  json["peak_allocated_bytes"] = result.explanation.peak.allocated.count();
  json["tensors"] = Json::array();
  for (const sim::LiveTensor& tensor : result.explanation.tensors) json["tensors"].push_back(tensor_json(tensor));
  add_honesty(json, {{result.prediction.job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const ExplainResult& result) {
  std::string text =
      csv_record({"name", "category", "dtype", "formula", "shape", "count", "each_bytes", "total_bytes", "source"});
  for (const sim::LiveTensor& tensor : result.explanation.tensors) {
    text += csv_record({tensor.name, std::string(name_of(tensor.category)), std::string(name_of(tensor.dtype)),
                        tensor.formula, fmt::format("{}", fmt::join(tensor.shape, "x")), format_count(tensor.count),
                        format_count(tensor.each.count()), format_count(tensor.total.count()), tensor.source});
  }
  return text;
}

}  // namespace headroom::cli

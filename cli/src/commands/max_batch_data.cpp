#include <headroom/models/format.h>

#include "commands/max_batch.h"
#include "csv.h"
#include "data_parts.h"
#include "honesty.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

Json wall_json(const sim::BatchWall& wall) {
  Json json{{"batch", wall.batch}};
  add_moment(json, wall.moment);
  json["binding"] = name_of(wall.binding);
  return json;
}

Json host_json(const sim::BatchHostLimit& host) {
  return {{"node_bytes", host.needed.count()},
          {"capacity_bytes", host.capacity.count()},
          {"max_batch", host.batch},
          {"binds", host.binds}};
}

Json answer_json(const Prediction& prediction) {
  Json json = prediction_json(prediction);
  const auto& largest = prediction.largest;
  json["max_batch"] = largest ? Json(largest->batch) : Json(nullptr);
  json["shortfall_bytes"] = largest ? Json(largest->shortfall.count()) : Json(nullptr);
  json["host"] = largest && largest->host ? host_json(*largest->host) : Json(nullptr);
  json["next_wall"] = largest ? wall_json(largest->next_wall) : Json(nullptr);
  return json;
}

}  // namespace

Json to_json(const MaxBatchResult& result) {
  Json json{{"schema", "headroom/max-batch/1"}};
  json["fits"] = exit_code(result) == 0;
  json["results"] = Json::array();
  for (const Prediction& prediction : result.predictions) json["results"].push_back(answer_json(prediction));
  json["nothing_fits"] = result.nothing_fits.empty() ? Json(nullptr) : Json(result.nothing_fits);
  add_honesty(json, {{result.predictions.front().job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const MaxBatchResult& result) {
  const std::vector<std::string> header{"method",           "refused",        "seq_tokens",      "max_batch",
                                        "instant",          "layer",          "binding",         "allocated_bytes",
                                        "device_bytes",     "capacity_bytes", "shortfall_bytes", "next_wall_batch",
                                        "next_wall_binding"};
  std::string text = csv_record(header);
  for (const Prediction& prediction : result.predictions) {
    std::vector<std::string> fields{prediction.job.method.name, prediction.refused};
    if (const auto& largest = prediction.largest) {
      const sim::Breakdown& breakdown = largest->breakdown;
      fields.insert(fields.end(), {format_count(breakdown.seq.count()), format_count(largest->batch),
                                   std::string(name_of(breakdown.moment.instant)), layer_field(breakdown.moment),
                                   std::string(name_of(breakdown.binding)), format_count(breakdown.allocated.count()),
                                   format_count(breakdown.device.count()), format_count(largest->capacity.count()),
                                   format_count(largest->shortfall.count()), format_count(largest->next_wall.batch),
                                   std::string(name_of(largest->next_wall.binding))});
    }
    fields.resize(header.size());
    text += csv_record(fields);
  }
  return text;
}

}  // namespace headroom::cli

#include "data_parts.h"

#include <headroom/models/format.h>
#include <headroom/models/read.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/kv_cache.h>

#include "csv.h"

namespace headroom::cli {

using Json = nlohmann::ordered_json;

Json job_json(const Job& job) { return Json::parse(job_to_json(job)); }

Json grid_json(const sim::Grid& grid) {
  if (grid.kind == sim::Grid::Kind::powers_of_two) return {{"kind", "pow2"}};
  return {{"kind", "multiples"}, {"step_tokens", grid.step.count()}};
}

void add_moment(Json& json, sim::Moment moment) {
  json["instant"] = name_of(moment.instant);
  json["layer"] = sim::has_layer(moment.instant) ? Json(moment.layer) : Json(nullptr);
  if (moment.stage != sim::Moment::kNoStage) json["pipeline_stage"] = moment.stage;
}

std::string layer_field(sim::Moment moment) {
  return sim::has_layer(moment.instant) ? format_count(moment.layer) : std::string();
}

std::string stage_field(sim::Moment moment) {
  return moment.stage != sim::Moment::kNoStage ? format_count(moment.stage) : std::string();
}

Json breakdown_json(const sim::Breakdown& breakdown) {
  Json json;
  json["seq_tokens"] = breakdown.seq.count();
  json["allocated_bytes"] = breakdown.allocated.count();
  json["device_bytes"] = breakdown.device.count();
  add_moment(json, breakdown.moment);
  json["binding"] = name_of(breakdown.binding);
  for (const auto& category : values_of<Category>()) {
    json["category_bytes"][std::string(category.name)] = breakdown.categories[category.value].count();
  }
  json["host_bytes"] = breakdown.host.allocated.count();
  json["runners_up"] = Json::array();
  for (const sim::Peak& peak : breakdown.runners_up) {
    Json runner_up;
    add_moment(runner_up, peak.moment);
    runner_up["allocated_bytes"] = peak.allocated.count();
    json["runners_up"].push_back(std::move(runner_up));
  }
  return json;
}

Json prediction_json(const Prediction& prediction) {
  Json json;
  json["method"] = prediction.job.method.name;
  json["job"] = job_json(prediction.job);
  json["refused"] = prediction.refused.empty() ? Json(nullptr) : Json(prediction.refused);
  json["fits"] = prediction.fits();
  json["measured_status"] = prediction.status;
  json["warnings"] = prediction.warnings;
  json["capacity_bytes"] = prediction.job.device.capacity.bytes.count();
  if (prediction.job.mode == Mode::inference && prediction.refused.empty()) {
    json["kv_cache_bytes_per_token"] = sim::cache_per_token(prediction.job).all_layers.count();
  }
  json["breakdown"] = prediction.refused.empty() ? breakdown_json(prediction.breakdown) : Json(nullptr);
  return json;
}

std::string predictions_csv(const std::vector<Prediction>& predictions) {
  std::vector<std::string> header{"method", "refused", "fits", "seq_tokens"};
  for (const auto& category : values_of<Category>()) header.push_back(std::string(category.name) + "_bytes");
  header.insert(header.end(), {"allocated_bytes", "device_bytes", "capacity_bytes", "instant", "layer", "binding",
                               "sent_bytes", "sent_messages"});
  std::string text = csv_record(header);
  for (const Prediction& prediction : predictions) {
    const sim::Breakdown& breakdown = prediction.breakdown;
    std::vector<std::string> fields{prediction.job.method.name, prediction.refused,
                                    prediction.fits() ? "true" : "false"};
    if (prediction.refused.empty()) {
      const sim::Sent sent = sim::communication(prediction.job, breakdown.seq).step().total();
      fields.push_back(format_count(breakdown.seq.count()));
      for (const Bytes bytes : breakdown.categories.bytes) fields.push_back(format_count(bytes.count()));
      fields.insert(fields.end(), {format_count(breakdown.allocated.count()), format_count(breakdown.device.count()),
                                   format_count(prediction.job.device.capacity.bytes.count()),
                                   std::string(name_of(breakdown.moment.instant)), layer_field(breakdown.moment),
                                   std::string(name_of(breakdown.binding)), format_count(sent.bytes.count()),
                                   format_count(sent.messages)});
    }
    fields.resize(header.size());
    text += csv_record(fields);
  }
  return text;
}

}  // namespace headroom::cli

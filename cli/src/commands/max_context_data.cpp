#include <headroom/models/format.h>

#include "commands/max_context.h"
#include "csv.h"
#include "data_parts.h"
#include "honesty.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

Json wall_json(const sim::Wall& wall) {
  Json json{{"tokens", wall.tokens.count()}};
  add_moment(json, wall.moment);
  json["binding"] = name_of(wall.binding);
  return json;
}

Json host_json(const sim::HostLimit& host) {
  return {{"node_bytes", host.needed.count()},
          {"capacity_bytes", host.capacity.count()},
          {"max_context_tokens", host.tokens.count()},
          {"binds", host.binds}};
}

Json answer_json(const Prediction& prediction) {
  Json json = prediction_json(prediction);
  const auto& longest = prediction.longest;
  json["max_context_tokens"] = longest ? Json(longest->tokens.count()) : Json(nullptr);
  json["next_tokens"] = longest ? Json(longest->next.count()) : Json(nullptr);
  json["shortfall_bytes"] = longest ? Json(longest->shortfall.count()) : Json(nullptr);
  json["host"] = longest && longest->host ? host_json(*longest->host) : Json(nullptr);
  json["next_wall"] = longest ? wall_json(longest->next_wall) : Json(nullptr);
  return json;
}

Json suggestions_json(const MaxContextResult& result) {
  Json list = Json::array();
  for (const WayOut& way : result.further.empty() ? result.nothing_fits.ways_out : result.further) {
    list.push_back({{"option", way.option}, {"method", way.method}, {"max_context_tokens", way.tokens.count()}});
  }
  return list;
}

}  // namespace

Json to_json(const MaxContextResult& result) {
  Json json{{"schema", "headroom/max-context/1"}};
  json["fits"] = exit_code(result) == 0;
  json["grid"] = grid_json(result.grid);
  json["results"] = Json::array();
  for (const Prediction& prediction : result.predictions) json["results"].push_back(answer_json(prediction));
  json["suggestions"] = suggestions_json(result);
  json["nothing_fits"] = result.nothing_fits.sentence.empty() ? Json(nullptr) : Json(result.nothing_fits.sentence);
  add_honesty(json, {{result.predictions.front().job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const MaxContextResult& result) {
  std::string text = csv_record({"method", "refused", "max_context_tokens", "instant", "layer", "binding",
                                 "allocated_bytes", "device_bytes", "capacity_bytes", "next_tokens", "shortfall_bytes",
                                 "next_wall_tokens", "next_wall_binding"});
  for (const Prediction& prediction : result.predictions) {
    if (!prediction.longest) {
      text += csv_record({prediction.job.method.name, prediction.refused, "", "", "", "", "", "", "", "", "", "", ""});
      continue;
    }
    const sim::MaxContext& longest = *prediction.longest;
    const sim::Breakdown& breakdown = longest.breakdown;
    text +=
        csv_record({prediction.job.method.name, "", format_count(longest.tokens.count()),
                    std::string(name_of(breakdown.moment.instant)), layer_field(breakdown.moment),
                    std::string(name_of(breakdown.binding)), format_count(breakdown.allocated.count()),
                    format_count(breakdown.device.count()), format_count(longest.capacity.count()),
                    format_count(longest.next.count()), format_count(longest.shortfall.count()),
                    format_count(longest.next_wall.tokens.count()), std::string(name_of(longest.next_wall.binding))});
  }
  return text;
}

}  // namespace headroom::cli

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "prediction.h"

/// Parts that the JSON and CSV of several commands share. Bytes and tokens are integers; keys end with what they count.
namespace headroom::cli {

[[nodiscard]] nlohmann::ordered_json job_json(const Job& job);
[[nodiscard]] nlohmann::ordered_json grid_json(const sim::Grid& grid);
[[nodiscard]] nlohmann::ordered_json breakdown_json(const sim::Breakdown& breakdown);
/// {"method", "job", "refused", "fits", "measured_status", "warnings"}, then what was predicted.
[[nodiscard]] nlohmann::ordered_json prediction_json(const Prediction& prediction);

/// "instant" and "layer" of a moment; null where the instant belongs to no layer.
void add_moment(nlohmann::ordered_json& json, sim::Moment moment);
[[nodiscard]] std::string layer_field(sim::Moment moment);
/// Empty where there is no pipeline.
[[nodiscard]] std::string stage_field(sim::Moment moment);

/// A record per prediction: method, length, bytes of every category, totals, what binds, and what the first rank sends
/// in a step of one micro-batch.
[[nodiscard]] std::string predictions_csv(const std::vector<Prediction>& predictions);

}  // namespace headroom::cli

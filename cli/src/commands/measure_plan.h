#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/predictor.h>

#include "exit_code.h"
#include "measure_program.h"
#include "style.h"

namespace headroom::cli {

/// What a measurement would need, predicted before anything runs, and what there is for it.
struct MeasurePlan {
  Job job;
  Backend backend = Backend::host;
  sim::Breakdown predicted;
  std::optional<Bytes> limit;
  std::optional<DeviceRoom> room;  ///< of the GPU
  int room_code = kFits;           ///< of the program that was asked for it
  std::vector<std::string> notes;

  /// Tensors at the peak, workspace and allocator slack: all but the context, which lives when the room is read.
  [[nodiscard]] Bytes needed() const { return predicted.device - job.device.context.bytes; }
  [[nodiscard]] bool is_within_limit() const { return !limit || predicted.allocated <= *limit; }
  [[nodiscard]] bool has_room() const { return !room || needed() <= room->free; }
};

/// Predicts the request's job; asks the GPU where it is to run on one. Throws InputError.
[[nodiscard]] MeasurePlan plan_of(const MeasureRequest& request);

/// One sentence where the plan does not fit and nobody has told that yet, else nothing.
[[nodiscard]] std::string refusal_text(const MeasurePlan& plan);

[[nodiscard]] std::string to_text(const MeasurePlan& plan, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const MeasurePlan& plan);
[[nodiscard]] std::string to_csv(const MeasurePlan& plan);
[[nodiscard]] int exit_code(const MeasurePlan& plan);

}  // namespace headroom::cli

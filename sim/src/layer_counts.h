#pragma once

#include <cstdint>
#include <vector>

#include "narration/plan.h"

namespace headroom::sim {

/// Layers of each kind that inference runs.
[[nodiscard]] inline std::vector<std::int64_t> layers_by_kind(const JobPlan& plan) {
  std::vector<std::int64_t> layers(plan.job.model.kinds.size());
  const LayerSchedule& schedule = plan.runs.front().schedule;
  for (const SegmentStretch& stretch : schedule.stretches()) {
    for (const Segment& segment : stretch.segments) layers[schedule.pattern().kind_of(segment.first)] += stretch.repeat;
  }
  return layers;
}

}  // namespace headroom::sim

#pragma once

#include <cstdint>
#include <vector>

#include "narration/schedule.h"

/// Layers in the order of a forward pass: one by one for listeners that unroll, else each stretch of equal ones once.
namespace headroom::sim {

/// f(layer) over the layers of prepared stretches, each stretch's first copy standing for the others.
template <class S, class F>
void over(S& story, const std::vector<Stretch>& list, F f) {
  for (const Stretch& stretch : list) {
    story.repeat(stretch.repeat, stretch.unit, [&] {
      for (std::int64_t i = stretch.first; i < stretch.first + stretch.unit; ++i) f(i);
    });
  }
}

/// f(layer, whether it starts a segment).
template <class S, class F>
void for_layers_forward(S& story, const LayerSchedule& schedule, F f) {
  if constexpr (S::kUnrolls) {
    const std::int64_t k = schedule.segment_layers();
    for (std::int64_t i = 0; i < schedule.pattern().layers(); ++i) f(i, i % k == 0);
  } else {
    for (const SegmentStretch& stretch : schedule.stretches()) {
      story.repeat(stretch.repeat, stretch.unit, [&] {
        for (const Segment& segment : stretch.segments) {
          f(segment.first, true);
          over(story, segment.without_first, [&](std::int64_t i) { f(i, false); });
        }
      });
    }
  }
}

}  // namespace headroom::sim

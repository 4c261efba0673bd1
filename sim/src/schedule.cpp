#include "narration/schedule.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <headroom/models/checked.h>

namespace headroom::sim {
namespace {

/// Layers of the smallest unit that starts on a segment and ends where the kinds repeat, or 0 when none fits the room.
std::int64_t repeating_unit(std::int64_t period, std::int64_t align, std::int64_t room) {
  const std::int64_t unit = checked_mul(align, period / std::max<std::int64_t>(std::gcd(period, align), 1));
  return unit > room ? 0 : unit;
}

/// A window narrows which scores are computed, not which tensors there are.
bool have_same_tensors(LayerKind a, LayerKind b) {
  a.window.reset();
  b.window.reset();
  return a == b;
}

std::size_t first_with_same_tensors(const std::vector<LayerKind>& kinds, std::size_t index) {
  const auto same = [&](const LayerKind& kind) { return have_same_tensors(kind, kinds[index]); };
  return static_cast<std::size_t>(std::find_if(kinds.begin(), kinds.end(), same) - kinds.begin());
}

bool all_equal(const std::vector<std::size_t>& period) {
  return std::all_of(period.begin(), period.end(), [&](std::size_t kind) { return kind == period.front(); });
}

Segment make_segment(const LayerPattern& pattern, std::int64_t first, std::int64_t layers) {
  const std::int64_t end = first + layers;
  return {first, layers, stretches(pattern, first, end, 1), stretches(pattern, first + 1, end, 1),
          stretches(pattern, first, end - 1, 1)};
}

}  // namespace

LayerPattern::LayerPattern(const Transformer& model) {
  for (const LayerRun& run : model.layer_runs) {
    const auto length = checked_mul(run.repeat, static_cast<std::int64_t>(run.period.size()));
    const std::int64_t end = checked_add(layers_, length);
    Run& added = runs_.emplace_back(Run{layers_, end, {}});
    std::transform(run.period.begin(), run.period.end(), std::back_inserter(added.period), [&model](std::int64_t kind) {
      return first_with_same_tensors(model.kinds, static_cast<std::size_t>(kind));
    });
    if (all_equal(added.period)) added.period.resize(1);
    layers_ = end;
  }
}

const LayerPattern::Run& LayerPattern::run_at(std::int64_t layer) const {
  return *std::find_if(runs_.begin(), runs_.end(), [layer](const Run& run) { return layer < run.end; });
}

std::size_t LayerPattern::kind_of(std::int64_t i) const {
  const Run& run = run_at(i);
  if (run.period.size() == 1) return run.period.front();
  return run.period[static_cast<std::size_t>(i - run.begin) % run.period.size()];
}

std::vector<Stretch> stretches(const LayerPattern& pattern, std::int64_t begin, std::int64_t end, std::int64_t align) {
  std::vector<Stretch> result;
  for (std::int64_t at = begin; at < end;) {
    const LayerPattern::Run& run = pattern.run_at(at);
    const std::int64_t room = std::min(run.end, end) - at;
    const std::int64_t unit = repeating_unit(static_cast<std::int64_t>(run.period.size()), align, room);
    const Stretch stretch = unit > 0 ? Stretch{at, unit, room / unit} : Stretch{at, std::min(align, end - at), 1};
    result.push_back(stretch);
    at += stretch.unit * stretch.repeat;
  }
  return result;
}

LayerSchedule::LayerSchedule(const Transformer& model, const Recompute& recompute) : pattern_(model) {
  const std::int64_t layers = pattern_.layers();
  segment_layers_ = recompute.kind == RecomputeKind::every ? std::min(recompute.every, layers) : 1;
  for (const Stretch& stretch : sim::stretches(pattern_, 0, layers, segment_layers_)) {
    SegmentStretch& added = stretches_.emplace_back(SegmentStretch{{}, stretch.unit, stretch.repeat});
    const std::int64_t end = stretch.first + stretch.unit;
    for (std::int64_t first = stretch.first; first < end; first += segment_layers_) {
      added.segments.push_back(make_segment(pattern_, first, std::min(segment_layers_, end - first)));
    }
  }
}

}  // namespace headroom::sim

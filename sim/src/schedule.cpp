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

std::size_t first_equal(const std::vector<LayerKind>& kinds, std::size_t index) {
  return static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), kinds[index]) - kinds.begin());
}

bool all_equal(const std::vector<std::size_t>& period) {
  return std::all_of(period.begin(), period.end(), [&](std::size_t kind) { return kind == period.front(); });
}

Segment make_segment(const LayerPattern& pattern, std::int64_t first, std::int64_t layers, std::int64_t margin) {
  const std::int64_t end = first + layers;
  const Cut cut{1, margin};
  return {first, layers, stretches(pattern, first + 1, end, cut), stretches(pattern, first, end - 1, cut)};
}

/// `copies` of a unit, those within the margin apart.
void add_copies(std::vector<Stretch>& to, std::int64_t first, std::int64_t unit, std::int64_t copies,
                std::int64_t margin) {
  const std::int64_t apart = std::min(ceil_div(margin, unit), copies);
  const std::int64_t alike = std::max<std::int64_t>(copies - 2 * apart, 0);
  for (std::int64_t copy = 0; copy < copies;) {
    const std::int64_t repeat = copy == apart && alike > 0 ? alike : 1;
    to.push_back({first + copy * unit, unit, margin == 0 ? copies : repeat});
    copy += to.back().repeat;
  }
}

}  // namespace

LayerPattern::LayerPattern(const Transformer& model) {
  for (const LayerRun& run : model.layer_runs) {
    const auto length = checked_mul(run.repeat, static_cast<std::int64_t>(run.period.size()));
    const std::int64_t end = checked_add(layers_, length);
    Run& added = runs_.emplace_back(Run{layers_, end, {}});
    std::transform(run.period.begin(), run.period.end(), std::back_inserter(added.period),
                   [&model](std::int64_t kind) { return first_equal(model.kinds, static_cast<std::size_t>(kind)); });
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

std::vector<Stretch> stretches(const LayerPattern& pattern, std::int64_t begin, std::int64_t end, const Cut& cut) {
  std::vector<Stretch> result;
  for (std::int64_t at = begin; at < end;) {
    const LayerPattern::Run& run = pattern.run_at(at);
    const std::int64_t room = std::min(run.end, end) - at;
    const std::int64_t unit = repeating_unit(static_cast<std::int64_t>(run.period.size()), cut.align, room);
    if (unit > 0) {
      add_copies(result, at, unit, room / unit, cut.margin);
    } else {
      result.push_back({at, std::min(cut.align, end - at), 1});
    }
    at = result.back().first + result.back().unit * result.back().repeat;
  }
  return result;
}

LayerSchedule::LayerSchedule(const Transformer& model, const Recompute& recompute, std::int64_t ahead)
    : pattern_(model) {
  const std::int64_t layers = pattern_.layers();
  segment_layers_ = recompute.kind == RecomputeKind::every ? std::min(recompute.every, layers) : 1;
  for (const Stretch& stretch : sim::stretches(pattern_, 0, layers, {segment_layers_, ahead})) {
    SegmentStretch& added = stretches_.emplace_back(SegmentStretch{{}, stretch.unit, stretch.repeat});
    const std::int64_t end = stretch.first + stretch.unit;
    for (std::int64_t first = stretch.first; first < end; first += segment_layers_) {
      added.segments.push_back(make_segment(pattern_, first, std::min(segment_layers_, end - first), ahead));
    }
  }
}

}  // namespace headroom::sim

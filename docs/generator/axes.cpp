#include "axes.h"

#include <algorithm>

namespace headroom::docs {
namespace {

constexpr double kRoomAbovePeak = 1.12;
constexpr double kGiB = 1 << 30;

/// GiB from line to line, so that there are few of them.
std::int64_t step_for(double gib) {
  for (const std::int64_t step : {1, 2, 5, 10, 20}) {
    if (gib <= 7.0 * static_cast<double>(step)) return step;
  }
  return 50;
}

double width_of(const Stage& stage) {
  switch (stage.phase) {
    case Phase::forward: return stage.layer ? 1.2 : 0.3;
    case Phase::head: return 2.0;
    case Phase::backward: return stage.layer ? 2.0 : 0.3;
    case Phase::optimizer: return 1.9;
  }
  return 0;
}

bool is_emptier(const BytesByCategory& a, const BytesByCategory& b) { return a.total() < b.total(); }

}  // namespace

BytesAxis::BytesAxis(const Frame& frame, Bytes most) : frame_(frame), step_gib_(1), top_gib_(1) {
  const double gib = kRoomAbovePeak * static_cast<double>(most.count()) / kGiB;
  step_gib_ = step_for(gib);
  while (static_cast<double>(top_gib_) < gib || top_gib_ % step_gib_ != 0) ++top_gib_;
}

double BytesAxis::y(Bytes bytes) const {
  const double share = static_cast<double>(bytes.count()) / kGiB / static_cast<double>(top_gib_);
  return frame_.bottom - share * (frame_.bottom - frame_.top);
}

std::vector<std::int64_t> BytesAxis::lines() const {
  std::vector<std::int64_t> result;
  for (std::int64_t gib = 0; gib <= top_gib_; gib += step_gib_) result.push_back(gib);
  return result;
}

StageAxis::StageAxis(const Frame& frame, const std::vector<Stage>& stages) {
  double total = 0;
  for (const Stage& stage : stages) total += width_of(stage);
  double at = frame.left;
  begins_.push_back(at);
  for (const Stage& stage : stages) begins_.push_back(at += width_of(stage) / total * (frame.right - frame.left));
}

std::vector<Column> columns(const std::vector<Stage>& stages, const StageAxis& axis) {
  std::vector<Column> result;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const auto& states = stages[i].states;
    const double width = axis.end(i) - axis.begin(i);
    const auto count = std::min(states.size(), static_cast<std::size_t>(width) + 1);
    const auto event = [&](std::size_t c) {
      return states.begin() + static_cast<std::ptrdiff_t>(c * states.size() / count);
    };
    for (std::size_t c = 0; c < count; ++c) {
      const double x = axis.begin(i) + width * static_cast<double>(c) / static_cast<double>(count);
      result.push_back({x, *std::max_element(event(c), event(c + 1), is_emptier)});
    }
  }
  return result;
}

}  // namespace headroom::docs

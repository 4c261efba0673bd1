#include "model/grouped_bars.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/colours.h"

namespace headroom::gui {
namespace {

using Status = GroupedBar::Status;

constexpr double kLeastTokens = 256;
constexpr double kTwice = 2;
constexpr double kRoomAbove = 1.12;
constexpr double kMostOnLinearAxis = 8;  ///< of the highest over the lowest bar
constexpr double kSignAbove = 0.03;      ///< what a sign stands above its place, as a share of the axis

struct Extent {
  double lowest = HUGE_VAL;
  double highest = 0;
};

Extent extent_of(const GroupedBars& bars) {
  Extent extent;
  for (const GroupedBar& bar : bars.bars) {
    if (!bar.has_height()) continue;
    extent.lowest = std::min(extent.lowest, bar.value);
    extent.highest = std::max(extent.highest, bar.value);
  }
  return extent;
}

double power_below(double value) { return std::exp2(std::floor(std::log2(value)) - 1); }

BarSeries series_of(const GroupedBars& bars, std::size_t one, double axis) {
  BarSeries series{bars.series[one], bar_colour(one), {}};
  for (std::size_t group = 0; group < bars.groups.size(); ++group) {
    const GroupedBar& bar = bars.at(group, one);
    series.values.push_back(bar.has_height() ? bar.value : axis);
  }
  return series;
}

/// As large as a bar is wide in a small picture.
double sign_size(const GroupedBars& bars) {
  constexpr double kWidthOfAll = 170;
  return std::clamp(kWidthOfAll / static_cast<double>(bars.bars.size()), 2.5, 8.0);
}

double above(const SceneAxis& axis, double value) {
  if (axis.scale == Scale::logarithmic) return value * std::pow(axis.upper / axis.lower, kSignAbove);
  return value + kSignAbove * (axis.upper - axis.lower);
}

/// A sign for each bar of a status, on top of it or on the axis.
void add_signs(Scene& scene, const GroupedBars& bars, Status status, Points signs) {
  signs.size = sign_size(bars);
  const double width = kBarWidth / static_cast<double>(bars.series.size());
  for (std::size_t group = 0; group < bars.groups.size(); ++group) {
    for (std::size_t one = 0; one < bars.series.size(); ++one) {
      const GroupedBar& bar = bars.at(group, one);
      if (bar.status != status) continue;
      signs.x.push_back(static_cast<double>(group) - kBarWidth / 2 + (static_cast<double>(one) + 0.5) * width);
      signs.y.push_back(above(scene.y, bar.has_height() ? bar.value : scene.y.lower));
    }
  }
  if (!signs.x.empty()) scene.points.push_back(std::move(signs));
}

}  // namespace

SceneAxis tokens_axis(const GroupedBars& bars, const QString& title) {
  const Extent extent = extent_of(bars);
  const double lower = std::isinf(extent.lowest) ? kLeastTokens : power_below(extent.lowest);
  const double upper = kTwice * std::max(extent.highest, kTwice * lower);
  return {title, Unit::tokens, Scale::logarithmic, lower, upper, {}};
}

SceneAxis bytes_axis(const GroupedBars& bars, const QString& title, double capacity) {
  const Extent extent = extent_of(bars);
  const double highest = std::max({extent.highest, capacity, 1.0});
  const bool is_linear = highest <= kMostOnLinearAxis * extent.lowest;
  if (is_linear) return {title, Unit::bytes, Scale::linear, 0, highest * kRoomAbove, {}};
  return {title, Unit::bytes, Scale::logarithmic, power_below(std::max(extent.lowest, 1.0)), highest * kTwice, {}};
}

Scene grouped_scene(const GroupedBars& bars, SceneAxis y) {
  Scene scene;
  scene.is_zoomable = false;
  scene.arrangement = BarArrangement::grouped;
  scene.x.title = bars.title;
  scene.x.names = bars.groups;
  scene.y = std::move(y);
  for (std::size_t one = 0; one < bars.series.size(); ++one) {
    scene.bars.push_back(series_of(bars, one, scene.y.lower));
  }
  add_signs(scene, bars, Status::refused, {QObject::tr("refused"), sign_colour(), Shape::cross});
  add_signs(scene, bars, Status::nothing, {QObject::tr("nothing fits"), limit_colour(), Shape::diamond});
  add_signs(scene, bars, Status::too_large, {QObject::tr("does not fit"), limit_colour(), Shape::diamond});
  return scene;
}

}  // namespace headroom::gui

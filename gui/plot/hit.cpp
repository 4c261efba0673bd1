#include "plot/hit.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::gui {
namespace {

constexpr double kNearPixels = 14;

int as_int(std::size_t n) { return static_cast<int>(n); }

double value_at(const std::vector<double>& values, int index) { return values[static_cast<std::size_t>(index)]; }

/// The n-th of stacked values that `y` is in; -1: above them.
template <class Series>
int layer_at(const std::vector<Series>& series, int index, double y) {
  double top = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    top += value_at(series[i].values, index);
    if (y < top) return as_int(i);
  }
  return -1;
}

Hit bar_hit(const Scene& scene, double x, double y) {
  Hit hit{-1, -1, x, y};
  const int index = static_cast<int>(std::lround(x));
  const double offset = x - index + kBarWidth / 2;
  const auto count = static_cast<int>(scene.x.names.size());
  if (index < 0 || index >= count || offset < 0 || offset > kBarWidth) return hit;
  hit.index = index;
  if (scene.arrangement == BarArrangement::stacked) {
    hit.series = y < 0 ? -1 : layer_at(scene.bars, index, y);
  } else {
    const auto groups = static_cast<double>(scene.bars.size());
    hit.series = std::min(as_int(scene.bars.size()) - 1, static_cast<int>(offset / kBarWidth * groups));
  }
  return hit;
}

Hit area_hit(const Scene& scene, double x, double y) {
  const auto& edges = scene.area_x;
  if (x < edges.front() || x >= edges.back()) return {-1, -1, x, y};
  const auto next = std::upper_bound(edges.begin(), edges.end(), x);
  const int index = static_cast<int>(next - edges.begin()) - 1;
  return {y < 0 ? -1 : layer_at(scene.areas, index, y), index, x, y};
}

/// The nearest of some points in pixels.
void offer_point(Hit& best, double& distance, const Hit& candidate, QPointF at, QPointF mouse) {
  const double d = std::hypot(at.x() - mouse.x(), at.y() - mouse.y());
  if (d < distance) {
    distance = d;
    best = candidate;
  }
}

Hit point_hit(const Scene& scene, double x, double y, const ToPixels& to_pixels) {
  Hit best{-1, -1, x, y};
  double distance = kNearPixels;
  const QPointF mouse = to_pixels(x, y);
  for (std::size_t s = 0; s < scene.points.size(); ++s) {
    const Points& points = scene.points[s];
    for (std::size_t i = 0; i < points.x.size(); ++i) {
      offer_point(best, distance, {as_int(s), as_int(i), x, y}, to_pixels(points.x[i], points.y[i]), mouse);
    }
  }
  return best;
}

Hit curve_hit(const Scene& scene, double x, double y, const ToPixels& to_pixels) {
  Hit best{-1, -1, x, y};
  double distance = 2 * kNearPixels;
  const QPointF mouse = to_pixels(x, y);
  for (std::size_t s = 0; s < scene.curves.size(); ++s) {
    const Curve& curve = scene.curves[s];
    const auto next = std::lower_bound(curve.x.begin(), curve.x.end(), x);
    if (next == curve.x.end()) continue;
    const auto i = static_cast<std::size_t>(next - curve.x.begin());
    offer_point(best, distance, {as_int(s), as_int(i), x, y}, {mouse.x(), to_pixels(x, curve.y[i]).y()}, mouse);
  }
  return best;
}

}  // namespace

Hit find_hit(const Scene& scene, double x, double y, const ToPixels& to_pixels) {
  if (!scene.bars.empty()) return bar_hit(scene, x, y);
  if (!scene.areas.empty()) return area_hit(scene, x, y);
  if (!scene.points.empty()) return point_hit(scene, x, y, to_pixels);
  return curve_hit(scene, x, y, to_pixels);
}

Segment segment_of(const Scene& scene, const Hit& hit) {
  const double left = hit.index - kBarWidth / 2;
  if (scene.arrangement == BarArrangement::grouped) {
    const double width = kBarWidth / static_cast<double>(scene.bars.size());
    const double value = value_at(scene.bars[static_cast<std::size_t>(hit.series)].values, hit.index);
    return {left + hit.series * width, left + (hit.series + 1) * width, scene.y.lower, value};
  }
  double from = 0;
  for (int i = 0; i < hit.series; ++i) from += value_at(scene.bars[static_cast<std::size_t>(i)].values, hit.index);
  const double size = value_at(scene.bars[static_cast<std::size_t>(hit.series)].values, hit.index);
  return {left, left + kBarWidth, from, from + size};
}

}  // namespace headroom::gui

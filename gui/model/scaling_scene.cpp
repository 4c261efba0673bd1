#include <algorithm>
#include <cmath>
#include <functional>

#include "model/colours.h"
#include "model/scaling.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr double kLeast = 256;
constexpr double kRoomAbove = 2;
/// Signs stand this much above the axis, as a factor.
constexpr double kAboveAxis = 1.3;

double tokens_of(const ScalingCell& cell) { return static_cast<double>(cell.longest->tokens.count()); }

/// From a power of two below the shortest bar to above the highest.
SceneAxis tokens_axis(const Scaling& scaling) {
  double shortest = HUGE_VAL;
  double furthest = 2 * kLeast;
  for (const ScalingGroup& group : scaling.groups) {
    for (const ScalingCell& cell : group.cells) {
      if (!cell.fits()) continue;
      shortest = std::min(shortest, tokens_of(cell));
      furthest = std::max(furthest, tokens_of(cell));
    }
  }
  const double lower = std::isinf(shortest) ? kLeast : std::exp2(std::floor(std::log2(shortest)) - 1);
  return {QObject::tr("Longest context, tokens"), Unit::tokens, Scale::logarithmic, lower, furthest * kRoomAbove, {}};
}

SceneAxis devices_axis(const Scaling& scaling) {
  SceneAxis axis;
  axis.title = QObject::tr("Devices");
  for (const ScalingGroup& group : scaling.groups) axis.names.push_back(to_qt(format_grouped(group.devices)));
  return axis;
}

/// A bar for each number of devices; of no height where there is no length.
BarSeries bars_of(const Scaling& scaling, std::size_t method, double axis) {
  BarSeries bars{scaling.methods[method], bar_colour(method), {}};
  for (const ScalingGroup& group : scaling.groups) {
    const ScalingCell& cell = group.cells[method];
    bars.values.push_back(cell.fits() ? tokens_of(cell) : axis);
  }
  return bars;
}

/// As large as a bar is wide in a picture of the usual size.
double sign_size(const Scaling& scaling) {
  constexpr double kWidthOfAll = 430;
  return std::clamp(kWidthOfAll / static_cast<double>(scaling.methods.size() * scaling.groups.size()), 4.0, 8.0);
}

/// A sign in the place of each bar that `is_meant`.
void add_signs(Scene& scene, const Scaling& scaling, Points signs,
               const std::function<bool(const ScalingCell&)>& is_meant) {
  signs.size = sign_size(scaling);
  const double width = kBarWidth / static_cast<double>(scaling.methods.size());
  for (std::size_t g = 0; g < scaling.groups.size(); ++g) {
    for (std::size_t m = 0; m < scaling.methods.size(); ++m) {
      if (!is_meant(scaling.groups[g].cells[m])) continue;
      signs.x.push_back(static_cast<double>(g) - kBarWidth / 2 + (static_cast<double>(m) + 0.5) * width);
      signs.y.push_back(scene.y.lower * kAboveAxis);
    }
  }
  if (!signs.x.empty()) scene.points.push_back(std::move(signs));
}

QString readout(const Scaling& scaling, const Hit& hit) {
  const ScalingCell* cell = cell_at(scaling, hit);
  if (cell == nullptr) return {};
  const QString name = QObject::tr("<b>%1 on %2 %3</b>")
                           .arg(scaling.methods[static_cast<std::size_t>(hit.series)].toHtmlEscaped(),
                                to_qt(format_grouped(scaling.groups[static_cast<std::size_t>(hit.index)].devices)),
                                hit.index == 0 ? QObject::tr("device") : QObject::tr("devices"));
  QStringList lines;
  for (const QString& line : cell_lines(*cell)) lines << line.toHtmlEscaped();
  return name + (cell->refused.isEmpty() ? QStringLiteral("<br>") : QStringLiteral(": ")) +
         lines.join(QStringLiteral("<br>"));
}

}  // namespace

const ScalingCell* cell_at(const Scaling& scaling, const Hit& hit) {
  const auto group = static_cast<std::size_t>(std::max(hit.index, 0));
  const auto method = static_cast<std::size_t>(std::max(hit.series, 0));
  const bool is_there =
      hit.index >= 0 && hit.series >= 0 && group < scaling.groups.size() && method < scaling.groups[group].cells.size();
  return is_there ? &scaling.groups[group].cells[method] : nullptr;
}

Scene scaling_scene(const Scaling& scaling) {
  Scene scene;
  scene.is_zoomable = false;
  if (scaling.methods.empty()) {
    scene.empty = QObject::tr("Choose at least one method");
    return scene;
  }
  scene.arrangement = BarArrangement::grouped;
  scene.x = devices_axis(scaling);
  scene.y = tokens_axis(scaling);
  for (std::size_t i = 0; i < scaling.methods.size(); ++i) scene.bars.push_back(bars_of(scaling, i, scene.y.lower));
  add_signs(scene, scaling, {QObject::tr("refused"), sign_colour(), Shape::cross},
            [](const ScalingCell& cell) { return !cell.refused.isEmpty(); });
  add_signs(scene, scaling, {QObject::tr("nothing fits"), limit_colour(), Shape::diamond},
            [](const ScalingCell& cell) { return cell.refused.isEmpty() && !cell.fits(); });
  scene.readout = [scaling](const Hit& hit) { return readout(scaling, hit); };
  return scene;
}

}  // namespace headroom::gui

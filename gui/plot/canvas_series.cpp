#include <algorithm>

#include "plot/canvas.h"
#include "plot/hit.h"

/// How a scene's series become objects of the plotting library.
namespace headroom::gui {
namespace {

QVector<double> vector_of(const std::vector<double>& values) { return {values.begin(), values.end()}; }

QVector<double> counting(std::size_t count) {
  QVector<double> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(static_cast<double>(i));
  return keys;
}

/// Dots, crosses, or open diamonds, through which a dot at the same place is seen.
QCPScatterStyle scatter_of(const Points& points) {
  const QPen pen(points.colour, 1.6);
  if (points.shape == Shape::cross) return {QCPScatterStyle::ssCross, pen, Qt::NoBrush, points.size};
  if (points.shape == Shape::circle) return {QCPScatterStyle::ssDisc, pen, QBrush(points.colour), points.size};
  return {QCPScatterStyle::ssDiamond, pen, Qt::NoBrush, 1.5 * points.size};
}

/// A graph whose ground is what the legend shows of it.
class AreaGraph : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;

 protected:
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override {
    constexpr double kShare = 0.7;  // as the library draws bars
    QRectF box(QPointF(), rect.size() * kShare);
    box.moveCenter(rect.center());
    painter->fillRect(box, brush());
  }
};

}  // namespace

/// The library adds a bar's value to its base.
QVector<double> Canvas::heights(const std::vector<double>& values) const {
  QVector<double> heights = vector_of(values);
  if (scene_.arrangement == BarArrangement::grouped) {
    for (double& height : heights) height -= scene_.y.lower;
  }
  return heights;
}

void Canvas::add_bars() {
  QCPBars* below = nullptr;
  const auto count = static_cast<double>(std::max<std::size_t>(scene_.bars.size(), 1));
  for (const BarSeries& series : scene_.bars) {
    auto* bars = new QCPBars(xAxis, yAxis);
    bars->setName(series.name);
    bars->setBrush(series.colour);
    bars->setData(counting(series.values.size()), heights(series.values), true);
    if (scene_.arrangement == BarArrangement::stacked) {
      bars->setWidth(kBarWidth);
      bars->setStackingGap(0);
      if (below != nullptr) bars->moveAbove(below);
      below = bars;
    } else {
      bars->setWidth(kBarWidth / count);
      bars->setBaseValue(scene_.y.lower);
      bars->setBarsGroup(group_);
    }
  }
}

/// Of bars and areas, which are drawn in another order than they are named.
void Canvas::fill_legend() {
  const auto add = [this](const auto& series, bool last) {
    for (const auto& one : series) {
      if (one.name.isEmpty()) continue;
      for (int i = 0; i < plottableCount() && one.is_last_in_legend == last; ++i) {
        if (plottable(i)->name() == one.name) plottable(i)->addToLegend(legend_below_);
      }
    }
  };
  for (const bool last : {false, true}) {
    add(scene_.bars, last);
    add(scene_.areas, last);
  }
}

namespace {

/// A step of stacked areas: from which x on which of the values is drawn.
struct DrawnStep {
  double x = 0;
  std::size_t index = 0;
};

double stack_at(const std::vector<AreaSeries>& areas, std::size_t index) {
  double sum = 0;
  for (const AreaSeries& series : areas) sum += series.values[index];
  return sum;
}

/// All steps; of more than a picture can show, or the painter can fill, the highest of each few.
std::vector<DrawnStep> drawn_steps(const Scene& scene) {
  constexpr std::size_t kMost = 4000;
  const std::size_t count = scene.area_x.empty() ? 0 : scene.area_x.size() - 1;
  const std::size_t together = (count + kMost - 1) / kMost;
  std::vector<DrawnStep> steps;
  for (std::size_t first = 0; first < count; first += together) {
    DrawnStep step{scene.area_x[first], first};
    for (std::size_t i = first + 1; i < std::min(first + together, count); ++i) {
      if (stack_at(scene.areas, i) > stack_at(scene.areas, step.index)) step.index = i;
    }
    steps.push_back(step);
  }
  return steps;
}

}  // namespace

void Canvas::add_areas() {
  const std::vector<DrawnStep> steps = drawn_steps(scene_);
  if (steps.empty()) return;
  QVector<double> keys;
  for (const DrawnStep& step : steps) keys.push_back(step.x);
  keys.push_back(scene_.area_x.back());
  QVector<double> top(keys.size(), 0);
  QCPGraph* below = nullptr;
  for (const AreaSeries& series : scene_.areas) {
    for (std::size_t i = 0; i < steps.size(); ++i) top[static_cast<qsizetype>(i)] += series.values[steps[i].index];
    top.back() = top[top.size() - 2];
    auto* graph = new AreaGraph(xAxis, yAxis);
    graph->setName(series.name);
    graph->setLineStyle(QCPGraph::lsStepLeft);
    graph->setAdaptiveSampling(false);
    graph->setPen(QPen(series.colour, 0.5));
    graph->setBrush(series.colour);
    graph->setData(keys, top, true);
    if (below != nullptr) graph->setChannelFillGraph(below);
    below = graph;
  }
}

void Canvas::add_curves() {
  for (const Curve& curve : scene_.curves) {
    auto* graph = new QCPGraph(xAxis, yAxis);
    graph->setName(curve.name);
    graph->setPen(QPen(curve.colour, curve.is_emphasised ? 3.4 : 1.8, curve.dash));
    graph->setData(vector_of(curve.x), vector_of(curve.y), true);
    if (!curve.name.isEmpty()) graph->addToLegend(legend_below_);
  }
}

void Canvas::add_points() {
  for (const Points& points : scene_.points) {
    auto* graph = new QCPGraph(xAxis, yAxis);
    graph->setName(points.name);
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(scatter_of(points));
    graph->setData(vector_of(points.x), vector_of(points.y));
    graph->setAdaptiveSampling(false);
    graph->addToLegend(legend_below_);
  }
}

void Canvas::add_bands() {
  for (const Band& band : scene_.bands) {
    auto* lower = new QCPGraph(xAxis, yAxis);
    auto* upper = new AreaGraph(xAxis, yAxis);
    QColor ground = palette().color(QPalette::Text);
    ground.setAlphaF(0.16F);
    lower->setData(vector_of(band.x), vector_of(band.lower), true);
    upper->setData(vector_of(band.x), vector_of(band.upper), true);
    lower->setPen(Qt::NoPen);
    upper->setPen(Qt::NoPen);
    upper->setBrush(ground);
    upper->setChannelFillGraph(lower);
    upper->setName(band.name);
    upper->addToLegend(legend_below_);
  }
}

}  // namespace headroom::gui

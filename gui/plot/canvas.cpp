#include "plot/canvas.h"

#include <algorithm>

#include "model/text.h"
#include "plot/annotations.h"
#include "plot/tickers.h"

namespace headroom::gui {
namespace {

constexpr int kLegendGap = 20;
constexpr int kLegendIconWidth = 26;
constexpr int kLegendRounding = 2;
constexpr int kTickLength = 4;
constexpr int kAxisRoom = 110;  ///< for the other axis and the margins

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto part = [share](int x, int y) { return static_cast<int>(x * (1 - share) + y * share); };
  return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

void setup_axis(QCPAxis* axis, const SceneAxis& description) {
  axis->setScaleType(description.scale == Scale::logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  axis->setTicker(QSharedPointer<BinaryTicker>::create(description.unit, description.scale));
  axis->setLabel(description.title);
  const bool has_ticks = description.unit != Unit::none;
  axis->setTicks(has_ticks || !description.names.empty());
  axis->setTickLength(0, has_ticks ? kTickLength : 0);
  axis->grid()->setVisible(has_ticks);
}

}  // namespace

Canvas::Canvas(QWidget* parent) : QCustomPlot(parent), legend_below_(new QCPLegend), group_(new QCPBarsGroup(this)) {
  setNoAntialiasingOnDrag(false);
  setAutoAddPlottableToLegend(false);
  axisRect()->setMinimumMargins({15, 15, 26, 15});
  group_->setSpacingType(QCPBarsGroup::stPlotCoords);
  group_->setSpacing(0);
  plotLayout()->addElement(1, 0, legend_below_);
  plotLayout()->setRowStretchFactor(1, 0.001);
  legend_below_->setLayer(QStringLiteral("legend"));
  legend_below_->setFillOrder(QCPLayoutGrid::foColumnsFirst);
  legend_below_->setBorderPen(Qt::NoPen);
  legend_below_->setMargins({4, 0, 4, 4});
  for (QCPAxis* axis : {xAxis2, yAxis2}) {
    axis->setVisible(true);
    axis->setTicks(false);
  }
  setFocusPolicy(Qt::NoFocus);
}

void Canvas::show_scene(Scene scene, bool reset) {
  legend_below_->clearItems();
  clearPlottables();
  clearItems();
  scene_ = std::move(scene);
  setup_axes();
  add_bands();
  add_bars();
  add_areas();
  fill_legend();
  add_curves();
  add_points();
  (new Ground(this, scene_))->setLayer(QStringLiteral("grid"));
  (new Annotations(this, scene_, selection_))->setLayer(QStringLiteral("overlay"));
  const bool is_empty = !scene_.empty.isEmpty();
  axisRect()->setVisible(!is_empty);
  for (QCPAxis* axis : axisRect()->axes()) axis->setVisible(!is_empty);
  place_legend();
  if (reset) reset_view();
  restyle();
  fit();
}

/// Below the axes; an empty legend would take the whole column for itself.
void Canvas::place_legend() {
  const bool is_wanted = scene_.has_legend && scene_.empty.isEmpty() && legend_below_->itemCount() > 0;
  const bool is_there = legend_below_->layout() != nullptr;
  if (!is_wanted) legend_below_->clearItems();
  if (is_wanted && !is_there) {
    plotLayout()->addElement(1, 0, legend_below_);
    plotLayout()->setRowStretchFactor(1, 0.001);
  } else if (!is_wanted && is_there) {
    plotLayout()->take(legend_below_);
    plotLayout()->simplify();
  }
  legend_below_->setVisible(is_wanted);
}

void Canvas::set_selection(std::optional<Hit> selection) {
  selection_ = selection;
  replot(rpQueuedReplot);
}

void Canvas::setup_axes() {
  setup_axis(xAxis, scene_.x);
  setup_axis(yAxis, scene_.y);
  setInteractions(scene_.is_zoomable ? QCP::iRangeDrag | QCP::iRangeZoom : QCP::Interactions());
}

void Canvas::setup_names() {
  const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
  const double room = (width() - kAxisRoom) / static_cast<double>(scene_.x.names.size());
  const QFontMetrics metrics(font());
  int widest = 0;
  for (std::size_t i = 0; i < scene_.x.names.size(); ++i) {
    const QString& name = scene_.x.names[i];
    const bool is_wide = metrics.horizontalAdvance(name) > room - 8;
    const QString label = is_wide ? on_two_lines(name) : name;
    widest = std::max(widest, metrics.boundingRect(QRect(0, 0, 1000, 1000), 0, label).width());
    ticker->addTick(static_cast<double>(i), label);
  }
  const bool is_turned = widest > room - 4;
  if (is_turned) {
    for (std::size_t i = 0; i < scene_.x.names.size(); ++i) {
      QString name = scene_.x.names[i];
      ticker->addTick(static_cast<double>(i), name.replace(QLatin1Char('\n'), QLatin1String(", ")));
    }
  }
  ticker->setSubTickCount(0);
  xAxis->setTicker(ticker);
  xAxis->setTickLabelRotation(is_turned ? -40 : 0);
}

void Canvas::reset_view() {
  const auto count = static_cast<double>(scene_.x.names.size());
  if (scene_.x.names.empty()) {
    xAxis->setRange(scene_.x.lower, scene_.x.upper);
  } else {
    xAxis->setRange(-0.6, count - 0.4);
  }
  yAxis->setRange(scene_.y.lower, scene_.y.upper);
  replot(rpQueuedReplot);
}

void Canvas::restyle() {
  const QColor base = palette().color(QPalette::Base);
  setBackground(base);
  for (QCPAxis* axis : {xAxis, yAxis, xAxis2, yAxis2}) style_axis(axis);
  legend_below_->setBrush(Qt::NoBrush);
  legend_below_->setFont(font());
  // As high as its text, which starts at its top; the layout's rounding may take a pixel of the last line.
  legend_below_->setIconSize(kLegendIconWidth, fontMetrics().height() + kLegendRounding);
  legend_below_->setTextColor(palette().color(QPalette::Text));
  for (QCPLayoutElement* entry : legend_below_->elements(false)) {
    auto* item = qobject_cast<QCPAbstractLegendItem*>(entry);
    if (item == nullptr) continue;
    item->setFont(font());
    item->setTextColor(palette().color(QPalette::Text));
  }
  style_bars();
  replot(rpQueuedReplot);
}

/// What is thin has no gap around it, lest nothing be left of it.
void Canvas::style_bars() {
  const QPen gap(palette().color(QPalette::Base), 1);
  std::size_t series = 0;
  for (int i = 0; i < plottableCount(); ++i) {
    auto* bars = qobject_cast<QCPBars*>(plottable(i));
    if (bars != nullptr) bars->setPen(is_thin(scene_.bars[series++]) ? QPen(Qt::NoPen) : gap);
  }
}

/// Whether a bar of the series, or its segment of a stack, is a few pixels thin.
bool Canvas::is_thin(const BarSeries& series) const {
  constexpr double kThin = 5;
  if (scene_.arrangement == BarArrangement::grouped) {
    const double bars =
        static_cast<double>(scene_.bars.size()) * static_cast<double>(std::max<std::size_t>(scene_.x.names.size(), 1));
    return axisRect()->width() * kBarWidth < kThin * bars;
  }
  const double pixels = axisRect()->height() / (scene_.y.upper - scene_.y.lower);
  return std::any_of(series.values.begin(), series.values.end(),
                     [pixels](double value) { return value > 0 && value * pixels < kThin; });
}

void Canvas::style_axis(QCPAxis* axis) {
  const QColor text = palette().color(QPalette::Text);
  const QColor base = palette().color(QPalette::Base);
  const QPen line(mixed(base, text, 0.4), 1);
  axis->setBasePen(line);
  axis->setTickPen(line);
  axis->setSubTickPen(line);
  axis->setLabelColor(text);
  axis->setTickLabelColor(text);
  axis->setLabelFont(font());
  axis->setTickLabelFont(font());
  axis->setLabelPadding(6);
  axis->grid()->setPen(QPen(mixed(base, text, 0.13), 1));
  axis->grid()->setZeroLinePen(Qt::NoPen);
}

/// A widget that is not seen yet learns its size here, late.
void Canvas::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  if (!size().isEmpty()) fit();
}

void Canvas::fit() {
  fit_legend();
  if (scene_.x.names.empty()) {
    xAxis->setTickLabelRotation(0);
  } else {
    setup_names();
  }
  fit_ticks();
  style_bars();
  replot(rpQueuedReplot);
}

/// As many ticks as can be read, and a title where it is not cut. The labels of the y axis take of the x axis' width.
void Canvas::fit_ticks() {
  const auto most = [](int pixels, int apart) { return std::max(2, pixels / apart); };
  updateLayout();
  const bool has_room = fontMetrics().horizontalAdvance(scene_.y.title) < axisRect()->height();
  yAxis->setLabel(has_room ? scene_.y.title : QString());
  if (auto ticker = yAxis->ticker().dynamicCast<BinaryTicker>()) {
    ticker->set_most_ticks(most(axisRect()->height(), 2 * fontMetrics().height()));
  }
  updateLayout();
  if (auto ticker = xAxis->ticker().dynamicCast<BinaryTicker>()) {
    ticker->set_most_ticks(most(axisRect()->width(), fontMetrics().horizontalAdvance(QStringLiteral("1024 MiB "))));
  }
}

void Canvas::fit_legend() {
  int count = 0;
  int widest = 1;
  for (const QCPLayoutElement* entry : legend_below_->elements(false)) {
    if (entry == nullptr) continue;
    widest = std::max(widest, entry->minimumOuterSizeHint().width() + kLegendGap);
    ++count;
  }
  if (count == 0) return;
  const int columns = std::clamp((width() - kLegendGap) / widest, 1, count);
  const int lines = (count + columns - 1) / columns;
  legend_below_->setWrap((count + lines - 1) / lines);
  legend_below_->setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
}

}  // namespace headroom::gui

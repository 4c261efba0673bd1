#include "plot/plot.h"

#include <QEvent>
#include <QKeyEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <utility>

#include "plot/canvas.h"
#include "plot/export.h"
#include "plot/hit.h"

namespace headroom::gui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr int kClickPixels = 3;

bool same_axis(const SceneAxis& a, const SceneAxis& b) {
  return a.lower == b.lower && a.upper == b.upper && a.scale == b.scale && a.unit == b.unit &&
         a.names.size() == b.names.size();
}

/// Lines of a readout stay lines; a sentence may be broken.
QString unbroken(const QString& text) {
  const bool has_lines = text.contains(QLatin1String("<br>"));
  return has_lines ? QStringLiteral("<div style='white-space:nowrap'>%1</div>").arg(text) : text;
}

}  // namespace

struct Plot::Impl {
  Canvas* canvas = nullptr;
  QPoint pressed_at;
};

Plot::Plot(QWidget* parent) : QWidget(parent), impl_(std::make_unique<Impl>()) {
  impl_->canvas = new Canvas(this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(impl_->canvas);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(120, 90);
  connect_mouse();
  restyle();
}

Plot::~Plot() = default;

void Plot::set_scene(Scene scene) {
  const Scene& old = impl_->canvas->scene();
  const bool reset = !scene.is_zoomable || !same_axis(old.x, scene.x) || !same_axis(old.y, scene.y);
  impl_->canvas->show_scene(std::move(scene), reset);
}

const Scene& Plot::scene() const { return impl_->canvas->scene(); }

void Plot::select(std::optional<Hit> hit) { impl_->canvas->set_selection(hit); }

Hit Plot::hit_at(const QPointF& position) const {
  const Canvas* canvas = impl_->canvas;
  if (!canvas->scene().empty.isEmpty() || !canvas->axisRect()->rect().contains(position.toPoint())) return {};
  const double x = canvas->xAxis->pixelToCoord(position.x());
  const double y = canvas->yAxis->pixelToCoord(position.y());
  return find_hit(canvas->scene(), x, y, [this](double a, double b) { return position_of(a, b); });
}

QPointF Plot::position_of(double x, double y) const {
  return {impl_->canvas->xAxis->coordToPixel(x), impl_->canvas->yAxis->coordToPixel(y)};
}

void Plot::zoom(double factor) {
  if (!scene().is_zoomable) return;
  impl_->canvas->xAxis->scaleRange(1 / factor);
  impl_->canvas->yAxis->scaleRange(1 / factor);
  impl_->canvas->replot(QCustomPlot::rpQueuedReplot);
}

void Plot::reset_zoom() { impl_->canvas->reset_view(); }

void Plot::export_picture(const QString& path) const { write_picture(impl_->canvas, path); }

void Plot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) restyle();
}

void Plot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom(kZoomStep); return;
    case Qt::Key_Minus: zoom(1 / kZoomStep); return;
    case Qt::Key_0:
    case Qt::Key_Home: reset_zoom(); return;
    default: break;
  }
  if (move_selection(event->key()) || pan(event->key())) return;
  QWidget::keyPressEvent(event);
}

void Plot::connect_mouse() {
  Canvas* canvas = impl_->canvas;
  connect(canvas, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    impl_->pressed_at = event->pos();
  });
  connect(canvas, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { show_readout(event->position()); });
  connect(canvas, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
    if ((event->pos() - impl_->pressed_at).manhattanLength() > kClickPixels) return;
    const Hit hit = hit_at(event->position());
    if (hit.index >= 0) Q_EMIT picked(hit);
  });
  connect(canvas, &QCustomPlot::mouseDoubleClick, this, [this] { reset_zoom(); });
}

void Plot::restyle() { impl_->canvas->restyle(); }

void Plot::show_readout(const QPointF& position) {
  const Hit hit = hit_at(position);
  const QString text = scene().readout ? scene().readout(hit) : QString();
  if (text.isEmpty()) {
    QToolTip::hideText();
  } else {
    QToolTip::showText(impl_->canvas->mapToGlobal(position.toPoint()) + QPoint(4, 4), unbroken(text), this);
  }
}

/// Among bars: left and right choose the bar, up and down the segment.
bool Plot::move_selection(int key) {
  const Scene& shown = scene();
  const auto bars = static_cast<int>(shown.x.names.size());
  const auto series = static_cast<int>(shown.bars.size());
  if (bars == 0 || series == 0) return false;
  Hit hit = impl_->canvas->selection().value_or(Hit{0, 0, 0, 0});
  switch (key) {
    case Qt::Key_Left: hit.index = (hit.index + bars - 1) % bars; break;
    case Qt::Key_Right: hit.index = (hit.index + 1) % bars; break;
    case Qt::Key_Up: hit.series = (hit.series + 1) % series; break;
    case Qt::Key_Down: hit.series = (hit.series + series - 1) % series; break;
    default: return false;
  }
  Q_EMIT picked(hit);
  return true;
}

bool Plot::pan(int key) {
  constexpr double kPanPixels = 40;
  QPointF by;
  switch (key) {
    case Qt::Key_Left: by = {-kPanPixels, 0}; break;
    case Qt::Key_Right: by = {kPanPixels, 0}; break;
    case Qt::Key_Up: by = {0, -kPanPixels}; break;
    case Qt::Key_Down: by = {0, kPanPixels}; break;
    default: return false;
  }
  if (!scene().is_zoomable) return false;
  const auto moved = [](QCPAxis* axis, double pixels) {
    const QCPRange range = axis->range();
    const double from = axis->coordToPixel(range.lower) + pixels;
    const double to = axis->coordToPixel(range.upper) + pixels;
    axis->setRange(axis->pixelToCoord(from), axis->pixelToCoord(to));
  };
  moved(impl_->canvas->xAxis, by.x());
  moved(impl_->canvas->yAxis, by.y());
  impl_->canvas->replot(QCustomPlot::rpQueuedReplot);
  return true;
}

}  // namespace headroom::gui

#include "plot/annotations.h"

#include <algorithm>
#include <cmath>

#include "model/text.h"
#include "plot/hit.h"

namespace headroom::gui {
namespace {

constexpr double kGap = 5;
constexpr double kDot = 4;
constexpr double kThin = 10;  ///< what a frame stands around, lest it hide it

QColor faint(QColor colour, double alpha) {
  colour.setAlphaF(static_cast<float>(alpha));
  return colour;
}

QColor ink(const QCustomPlot* plot) { return plot->xAxis->labelColor(); }

QSizeF text_size(const QCPPainter* painter, const QString& text) {
  return painter->fontMetrics().boundingRect(QRect(0, 0, 1000, 1000), Qt::AlignLeft, text).size() + QSizeF(2, 2);
}

/// Places for a text at the ends of a horizontal line: above it, then below.
std::vector<QPointF> corners_along(const QLineF& line, const QSizeF& size) {
  const double left = line.x1() + kGap;
  const double right = line.x2() - size.width() - kGap;
  const double above = line.y1() - size.height() - 2;
  const double below = line.y1() + 3;
  return {{right, above}, {left, above}, {right, below}, {left, below}};
}

/// Places for a text on either side of a vertical line, from its foot up.
std::vector<QPointF> corners_beside(const QLineF& line, const QSizeF& size) {
  const double low = line.y2() - size.height() - kGap;
  std::vector<QPointF> corners;
  for (int lines = 0; lines < 5; ++lines) {
    for (const double x : {line.x1() + kGap, line.x1() - size.width() - kGap}) {
      corners.emplace_back(x, low - lines * size.height());
    }
  }
  return corners;
}

}  // namespace

void Ground::draw(QCPPainter* painter) {
  const QCPAxis* x = mParentPlot->xAxis;
  const QRectF inside = mParentPlot->axisRect()->rect();
  painter->setFont(mParentPlot->font());
  for (std::size_t i = 0; i < scene_.shades.size(); ++i) {
    const Shade& shade = scene_.shades[i];
    const double left = std::max(x->coordToPixel(shade.from), inside.left());
    const double right = std::min(x->coordToPixel(shade.to), inside.right());
    if (right <= left) continue;
    const QRectF box(left, inside.top(), right - left, inside.height());
    painter->fillRect(box, faint(ink(mParentPlot), i % 2 == 0 ? 0.07 : 0.02));
    painter->setPen(faint(ink(mParentPlot), 0.75));
    const QRectF name = box.adjusted(2, 2, -2, 0);
    if (painter->fontMetrics().horizontalAdvance(shade.label) <= name.width()) {
      painter->drawText(name, Qt::AlignTop | Qt::AlignHCenter, shade.label);
    }
  }
}

void Annotations::draw(QCPPainter* painter) {
  taken_.clear();
  painter->setFont(mParentPlot->font());
  for (const Hatch& hatch : scene_.hatches) draw_hatch(painter, hatch);
  for (const Limit& limit : scene_.limits) draw_line(painter, limit);
  for (const Marker& marker : scene_.markers) {
    const QPointF point = at(marker.x, marker.y);
    if (marker.colour.isValid()) taken_.emplace_back(point.x() - kDot, point.y() - kDot, 2 * kDot, 2 * kDot);
  }
  for (const Marker& marker : scene_.markers) draw_marker(painter, marker);
  for (const Limit& limit : scene_.limits) draw_limit_label(painter, limit);
  draw_selection(painter);
  if (!scene_.empty.isEmpty()) draw_empty(painter);
}

QPointF Annotations::at(double x, double y) const {
  return {mParentPlot->xAxis->coordToPixel(x), mParentPlot->yAxis->coordToPixel(y)};
}

void Annotations::draw_hatch(QCPPainter* painter, const Hatch& hatch) {
  const double left = hatch.bar - kBarWidth / 2;
  const QRectF inside = mParentPlot->axisRect()->rect();
  const QRectF bar = QRectF(at(left, hatch.to), at(left + kBarWidth, hatch.from)).normalized();
  const QRectF box = bar.intersected(inside);
  painter->save();
  painter->setClipRect(box);
  painter->fillRect(box, faint(mParentPlot->palette().color(QPalette::Base), 0.45));
  painter->setPen(QPen(faint(ink(mParentPlot), 0.75), 1.2));
  constexpr double kStep = 8;
  const int lines = static_cast<int>(std::ceil((box.width() + box.height()) / kStep));
  for (int i = 0; i < lines; ++i) {
    const double x = box.left() - box.height() + i * kStep;
    painter->drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()));
  }
  painter->restore();
  const QSizeF size = text_size(painter, hatch.label);
  const double top = std::max(box.top() - size.height() - 1, inside.top() + 1);
  write(painter, hatch.label, {{bar.center().x() - size.width() / 2, top}}, ink(mParentPlot));
}

QLineF Annotations::line_of(const Limit& limit) const {
  const QRectF inside = mParentPlot->axisRect()->rect();
  if (limit.orientation == Qt::Horizontal) {
    const double y = mParentPlot->yAxis->coordToPixel(limit.value);
    return y < inside.top() || y > inside.bottom() ? QLineF() : QLineF(inside.left(), y, inside.right(), y);
  }
  const double x = mParentPlot->xAxis->coordToPixel(limit.value);
  return x < inside.left() || x > inside.right() ? QLineF() : QLineF(x, inside.top(), x, inside.bottom());
}

void Annotations::draw_line(QCPPainter* painter, const Limit& limit) {
  const QLineF line = line_of(limit);
  if (line.isNull()) return;
  painter->setPen(QPen(limit.colour.isValid() ? limit.colour : ink(mParentPlot), 1.6, limit.dash));
  painter->drawLine(line);
  taken_.push_back(QRectF(line.p1(), line.p2()).adjusted(-1, -1, 1, 1));
}

void Annotations::draw_limit_label(QCPPainter* painter, const Limit& limit) {
  const QLineF line = line_of(limit);
  if (line.isNull()) return;
  for (const QString& text : {limit.label, on_two_lines(limit.label)}) {
    const QSizeF size = text_size(painter, text);
    const auto corners = limit.orientation == Qt::Horizontal ? corners_along(line, size) : corners_beside(line, size);
    if (write(painter, text, corners, ink(mParentPlot))) return;
  }
}

void Annotations::draw_marker(QCPPainter* painter, const Marker& marker) {
  const QRectF inside = mParentPlot->axisRect()->rect();
  const QPointF point = at(marker.x, marker.y);
  if (!inside.adjusted(-1, -1, 1, 1).contains(point)) return;
  if (marker.colour.isValid()) {
    painter->setPen(QPen(mParentPlot->palette().color(QPalette::Base), 1.5));
    painter->setBrush(marker.colour);
    painter->drawEllipse(point, kDot + 0.5, kDot + 0.5);
  }
  const QSizeF size = text_size(painter, marker.label);
  const double left = point.x() - size.width() - kGap;
  const double right = point.x() + kGap;
  const double centre = point.x() - size.width() / 2;
  std::vector<QPointF> corners;
  const auto above = [&](int line) { return point.y() - kGap - (line + 1) * size.height(); };
  const auto below = [&](int line) { return point.y() + kGap + line * size.height(); };
  for (int pair = 0; pair < 4; ++pair) {
    for (const int line : {2 * pair, 2 * pair + 1}) {
      for (const double x : {centre, right, left}) corners.emplace_back(x, above(line));
    }
    for (const int line : {2 * pair, 2 * pair + 1}) {
      for (const double x : {right, left, centre}) corners.emplace_back(x, below(line));
    }
  }
  write(painter, marker.label, corners, ink(mParentPlot));
}

void Annotations::draw_selection(QCPPainter* painter) {
  if (!selection_ || scene_.bars.empty() || selection_->series < 0 || selection_->index < 0) return;
  if (selection_->series >= static_cast<int>(scene_.bars.size())) return;
  if (selection_->index >= static_cast<int>(scene_.x.names.size())) return;
  const Segment segment = segment_of(scene_, *selection_);
  QRectF box = QRectF(at(segment.left, segment.to), at(segment.right, segment.from)).normalized();
  if (std::min(box.width(), box.height()) < kThin) box.adjust(-kDot / 2, -kDot / 2, kDot / 2, kDot / 2);
  const bool is_sign = scene_.arrangement == BarArrangement::grouped && box.height() < kThin;
  if (is_sign) box.setTop(box.bottom() - 3 * kThin);
  painter->setBrush(Qt::NoBrush);
  painter->setPen(QPen(ink(mParentPlot), 2.5));
  painter->drawRect(box.intersected(QRectF(mParentPlot->axisRect()->rect())));
}

void Annotations::draw_empty(QCPPainter* painter) {
  painter->setPen(faint(ink(mParentPlot), 0.8));
  const QRectF inside = QRectF(mParentPlot->viewport()).adjusted(24, 24, -24, -24);
  painter->drawText(inside, static_cast<int>(Qt::AlignCenter) | Qt::TextWordWrap, scene_.empty);
}

bool Annotations::write(QCPPainter* painter, const QString& text, const std::vector<QPointF>& corners,
                        const QColor& colour) {
  if (text.isEmpty()) return false;
  const QSizeF size = text_size(painter, text);
  const auto fits = [&](const QPointF& corner) { return is_free({corner, size}); };
  const auto corner = std::find_if(corners.begin(), corners.end(), fits);
  if (corner == corners.end()) return false;
  const QRectF box(*corner, size);
  taken_.push_back(box.adjusted(-kGap, 0, kGap, 0));
  painter->fillRect(box, faint(mParentPlot->palette().color(QPalette::Base), 0.8));
  painter->setPen(colour);
  painter->drawText(box, Qt::AlignCenter, text);
  return true;
}

bool Annotations::is_free(const QRectF& box) const {
  const QRectF inside = mParentPlot->axisRect()->rect();
  if (!inside.adjusted(-1, -1, 1, 1).contains(box)) return false;
  return std::none_of(taken_.begin(), taken_.end(), [&box](const QRectF& other) { return other.intersects(box); });
}

}  // namespace headroom::gui

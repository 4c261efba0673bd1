#pragma once

#include <qcustomplot.h>

#include <optional>
#include <vector>

#include "model/scene.h"

namespace headroom::gui {

/// Shades behind the picture's data, with their names at the top.
class Ground : public QCPAbstractItem {
 public:
  Ground(QCustomPlot* plot, const Scene& scene) : QCPAbstractItem(plot), scene_(scene) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  const Scene& scene_;
};

/// Limits, hatches, markers and the selection's frame, in front of the data. Texts keep out of each other's way.
class Annotations : public QCPAbstractItem {
 public:
  Annotations(QCustomPlot* plot, const Scene& scene, const std::optional<Hit>& selection)
      : QCPAbstractItem(plot), scene_(scene), selection_(selection) {
    setClipToAxisRect(false);
    setParentLayerable(nullptr);  // else a sentence would be hidden with the axes
  }
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  [[nodiscard]] QPointF at(double x, double y) const;
  void draw_hatch(QCPPainter* painter, const Hatch& hatch);
  /// Nothing where the limit is out of sight.
  [[nodiscard]] QLineF line_of(const Limit& limit) const;
  void draw_line(QCPPainter* painter, const Limit& limit);
  /// On one line, or else on two.
  void draw_limit_label(QCPPainter* painter, const Limit& limit);
  void draw_marker(QCPPainter* painter, const Marker& marker);
  void draw_selection(QCPPainter* painter);
  void draw_empty(QCPPainter* painter);
  /// Writes `text` at the first of `corners` (top left) that is free; false when none is.
  bool write(QCPPainter* painter, const QString& text, const std::vector<QPointF>& corners, const QColor& colour);
  [[nodiscard]] bool is_free(const QRectF& box) const;

  const Scene& scene_;
  const std::optional<Hit>& selection_;
  std::vector<QRectF> taken_;
};

}  // namespace headroom::gui

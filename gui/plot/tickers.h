#pragma once

#include <qcustomplot.h>

#include <algorithm>

#include "model/scene.h"

namespace headroom::gui {

/// Ticks at round binary numbers, written by headroom's formatter.
class BinaryTicker : public QCPAxisTicker {
 public:
  BinaryTicker(Unit unit, Scale scale) : unit_(unit), scale_(scale) {}

  void set_most_ticks(int count) { most_ = std::min(count, 10); }

 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double tick_step) override;
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
  QVector<double> createTickVector(double tick_step, const QCPRange& range) override;

 private:
  /// Whether ticks are powers of two, their steps counted in octaves.
  [[nodiscard]] bool has_powers(const QCPRange& range) const;

  Unit unit_;
  Scale scale_;
  double most_ = 8;
};

}  // namespace headroom::gui

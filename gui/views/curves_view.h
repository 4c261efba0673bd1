#pragma once

#include "model/curves.h"
#include "model/predictions_table.h"
#include "views/table_view.h"
#include "views/view.h"

namespace headroom::gui {

/// Memory against the sequence length, method by method, and how far each gets.
class CurvesView : public View {
  Q_OBJECT

 public:
  explicit CurvesView(JobState& state, QWidget* parent = nullptr);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return curves_csv(curves_); }
  [[nodiscard]] const Curves& curves() const { return curves_; }
  [[nodiscard]] const PredictionsTable& methods() const { return *methods_; }

 protected:
  void refresh() override;

 private:
  Curves curves_;
  Plot* plot_;
  PredictionsTable* methods_;
};

}  // namespace headroom::gui

#pragma once

#include <QListWidget>
#include <QProgressBar>

#include "model/background.h"
#include "model/sweep.h"
#include "views/view.h"

namespace headroom::gui {

/// The longest context by model and method, over the models and devices that are ticked.
class SweepView : public View {
  Q_OBJECT

 public:
  explicit SweepView(JobState& state, QWidget* parent = nullptr);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return sweep_csv(sweep_); }
  [[nodiscard]] bool is_busy() const override { return work_.is_busy(); }
  [[nodiscard]] const Sweep& result() const { return sweep_; }

 protected:
  void refresh() override;

 private:
  void show_sweep(Sweep sweep);

  Sweep sweep_;
  Plot* plot_;
  QListWidget* models_;
  QListWidget* devices_;
  QProgressBar* progress_;
  Background<Sweep> work_;
};

}  // namespace headroom::gui

#pragma once

#include <QComboBox>
#include <QProgressBar>
#include <QStringList>

#include "model/background.h"
#include "model/sweep.h"
#include "views/axis_picker.h"
#include "views/view.h"

class QVBoxLayout;

namespace headroom::gui {

/// The longest context, or the peak at the job's length, of every combination of what is chosen to vary.
class SweepView : public View {
  Q_OBJECT

 public:
  explicit SweepView(JobState& state, QWidget* parent = nullptr);

  /// Varies "NAME=VALUES" as the command line takes it: the groups, perhaps groups within them, and the colours.
  /// Throws InputError.
  void vary(const QStringList& changes);
  void ask(Asked asked);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return sweep_csv(sweep_); }
  [[nodiscard]] bool is_busy() const override { return work_.is_busy(); }
  [[nodiscard]] const Sweep& result() const { return sweep_; }

 protected:
  void refresh() override;

 private:
  [[nodiscard]] QWidget* make_controls();
  [[nodiscard]] SweepRequest request() const;
  void share_room();
  void suggest_values();
  void show_sweep(Sweep sweep);

  Sweep sweep_;
  Plot* plot_;
  QComboBox* asked_;
  AxisPicker* groups_;
  AxisPicker* subgroups_;
  AxisPicker* series_;
  QVBoxLayout* column_;
  QProgressBar* progress_;
  Background<Sweep> work_;
};

}  // namespace headroom::gui

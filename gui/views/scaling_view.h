#pragma once

#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QSpinBox>

#include <optional>

#include "model/background.h"
#include "model/scaling.h"
#include "views/field_editor.h"
#include "views/view.h"

class QFormLayout;

namespace headroom::gui {

/// The longest context of the ticked methods on 1, 2, 4, ... devices.
class ScalingView : public View {
  Q_OBJECT

 public:
  explicit ScalingView(JobState& state, QWidget* parent = nullptr);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return scaling_csv(scaling_); }
  [[nodiscard]] bool is_busy() const override { return work_.is_busy(); }
  [[nodiscard]] const Scaling& result() const { return scaling_; }
  /// What is said of the chosen bar.
  [[nodiscard]] QString sentence() const { return sentence_->text(); }

 protected:
  void refresh() override;

 private:
  [[nodiscard]] QWidget* make_controls();
  [[nodiscard]] QWidget* make_host_controls();
  [[nodiscard]] ScalingRequest request() const;
  void show_scaling(Scaling scaling);
  void choose(const Hit& hit);
  /// The job's own method on the most devices, else the first.
  [[nodiscard]] Hit standard_choice() const;

  Scaling scaling_;
  Plot* plot_;
  QLabel* sentence_;
  QListWidget* methods_;
  QSpinBox* most_devices_;
  QComboBox* sharding_;
  QWidget* host_controls_ = nullptr;  ///< seen where a ticked method uses the host
  QSpinBox* devices_per_node_;
  FieldEditor* host_memory_;
  QProgressBar* progress_;
  Background<Scaling> work_;
};

}  // namespace headroom::gui

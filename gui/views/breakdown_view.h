#pragma once

#include <QLabel>

#include <optional>
#include <vector>

#include "model/breakdown_scene.h"
#include "model/tensors_table.h"
#include "views/table_view.h"
#include "views/view.h"

namespace headroom::gui {

/// Where the memory goes at the peak, method by method, and the tensors of the chosen segment.
class BreakdownView : public View {
  Q_OBJECT

 public:
  explicit BreakdownView(JobState& state, QWidget* parent = nullptr);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return breakdown_csv(predictions_); }
  [[nodiscard]] const std::vector<Prediction>& predictions() const { return predictions_; }
  [[nodiscard]] const TensorsTable& tensors() const { return *tensors_; }

 protected:
  void refresh() override;

 private:
  /// A segment: a method's category on the device or the host.
  struct Choice {
    std::string method;
    sim::Memory memory = sim::Memory::device;
    Category category{};
  };

  void choose(const Hit& hit);
  /// The job's own method and what binds it.
  [[nodiscard]] std::optional<Choice> standard_choice() const;
  void show_tensors();
  [[nodiscard]] const Prediction* prediction_of(const std::string& method) const;
  /// Null where the method has no such stack.
  [[nodiscard]] const Stack* stack_of(const Choice& choice) const;
  [[nodiscard]] QString heading_for(const Choice& choice, const Stack& stack) const;
  [[nodiscard]] Hit hit_of(const Choice& choice) const;

  std::vector<Prediction> predictions_;
  std::vector<Stack> stacks_;
  std::optional<Choice> choice_;
  Plot* plot_;
  QLabel* heading_;
  TensorsTable* tensors_;
  TableView* table_;
};

}  // namespace headroom::gui

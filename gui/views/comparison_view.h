#pragma once

#include <QLabel>

#include <optional>

#include "model/comparison.h"
#include "views/view.h"

namespace headroom::gui {

/// A job that was kept beside the one that is edited, term by term.
class ComparisonView : public View {
  Q_OBJECT

 public:
  explicit ComparisonView(JobState& state, QWidget* parent = nullptr);

  /// Keeps a job to compare with.
  void keep(const Job& job);
  /// Throws InputError.
  void keep_file(const QString& path);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return comparison_csv(comparison_); }
  [[nodiscard]] const Comparison& comparison() const { return comparison_; }
  [[nodiscard]] const ComparisonTable& terms() const { return *terms_; }

 protected:
  void refresh() override;

 private:
  void ask_file();

  Job kept_;
  Comparison comparison_;
  Plot* plot_;
  QLabel* kept_label_;
  QLabel* settings_;
  ComparisonTable* terms_;
};

}  // namespace headroom::gui

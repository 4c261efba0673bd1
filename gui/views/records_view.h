#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QStringList>

#include "model/background.h"
#include "model/records.h"
#include "views/table_view.h"
#include "views/view.h"

namespace headroom::gui {

/// Measured against predicted: all records as points, each as a row, the chosen one in full.
class RecordsView : public View {
  Q_OBJECT

 public:
  explicit RecordsView(JobState& state, QWidget* parent = nullptr);

  /// Reads files and folders of records, in the place of those that are shown.
  void open_records(const QStringList& files_and_folders);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return records_csv(records_); }
  [[nodiscard]] bool is_busy() const override { return work_.is_busy(); }
  [[nodiscard]] const RecordsTable& table() const { return *rows_; }
  [[nodiscard]] const CheckTable& figures() const { return *figures_; }
  [[nodiscard]] TableView& rows_view() { return *table_; }

 protected:
  void refresh() override {}

 private:
  void setup_layout();
  void ask_files();
  void ask_folder();
  void show_records(Records records);
  void show_record(int row);

  Records records_;
  Plot* plot_;
  Plot* one_plot_;
  QLabel* summary_;
  RecordsTable* rows_;
  CheckTable* figures_;
  TableView* table_;
  TableView* figures_table_;
  QProgressBar* progress_;
  Background<Records> work_;
};

}  // namespace headroom::gui

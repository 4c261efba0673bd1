#pragma once

#include <QAbstractItemModel>
#include <QTableView>

namespace headroom::gui {

/// A sortable table over `model`: whole rows are chosen, and Ctrl+C copies them with their header.
class TableView : public QTableView {
  Q_OBJECT

 public:
  explicit TableView(QAbstractItemModel* model, QWidget* parent = nullptr);

  /// The row of `model` that a row on the screen shows.
  [[nodiscard]] int source_row(const QModelIndex& shown) const;
  /// Makes a row of `model` the current one and brings it into sight.
  void choose_row(int row);
  /// Columns as wide as their texts, none wider than a third of the table.
  void fit_columns();

 Q_SIGNALS:
  /// A row of the model became the current one.
  void row_chosen(int row);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void copy_selection() const;
};

}  // namespace headroom::gui

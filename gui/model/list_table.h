#pragma once

#include <QAbstractTableModel>

#include <functional>
#include <utility>
#include <vector>

namespace headroom::gui {

/// Role of a cell's value as programs take it: bytes as integers, names as they are typed. Sorting and CSV use it.
inline constexpr int kValueRole = Qt::UserRole + 1;

/// One column of a table whose rows are values of type Row.
template <class Row>
struct TableColumn {
  QString title;
  Qt::Alignment alignment = Qt::AlignLeft;
  std::function<QString(const Row&)> text;
  std::function<QVariant(const Row&)> value;                ///< none: the text
  std::function<QVariant(const Row&, int role)> decorated;  ///< tool tips, colours; none: nothing
};

/// A table of immutable rows: a model says only what its columns are.
template <class Row>
class ListTable : public QAbstractTableModel {
 public:
  explicit ListTable(std::vector<TableColumn<Row>> columns, QObject* parent = nullptr)
      : QAbstractTableModel(parent), columns_(std::move(columns)) {}

  void set_rows(std::vector<Row> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
  }
  void set_columns(std::vector<TableColumn<Row>> columns) {
    beginResetModel();
    columns_ = std::move(columns);
    endResetModel();
  }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const Row& row_at(int row) const { return rows_[static_cast<std::size_t>(row)]; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(columns_.size());
  }

  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const TableColumn<Row>& column = columns_[static_cast<std::size_t>(index.column())];
    const Row& row = row_at(index.row());
    if (role == Qt::DisplayRole) return column.text(row);
    if (role == kValueRole) return column.value ? column.value(row) : QVariant(column.text(row));
    if (role == Qt::TextAlignmentRole) return QVariant(column.alignment | Qt::AlignVCenter);
    const QVariant decorated = column.decorated ? column.decorated(row, role) : QVariant();
    return role == Qt::ToolTipRole && decorated.isNull() ? QVariant(column.text(row)) : decorated;
  }

  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    const TableColumn<Row>& column = columns_[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return column.title;
    if (role == Qt::TextAlignmentRole) return QVariant(column.alignment | Qt::AlignVCenter);
    return {};
  }

 private:
  std::vector<TableColumn<Row>> columns_;
  std::vector<Row> rows_;
};

}  // namespace headroom::gui

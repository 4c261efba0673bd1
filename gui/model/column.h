#pragma once

#include <QColor>

#include <utility>

#include "model/list_table.h"
#include "model/text.h"

/// The usual columns; get(row) is the value.
namespace headroom::gui {

template <class Row, class Get>
TableColumn<Row> text_column(QString title, Get get) {
  return {std::move(title), Qt::AlignLeft, [get](const Row& row) -> QString { return get(row); }, {}, {}};
}

/// Bytes, exact in the tool tip.
template <class Row, class Get>
TableColumn<Row> bytes_column(QString title, Get get) {
  return {std::move(title), Qt::AlignRight, [get](const Row& row) { return bytes_text(get(row)); },
          [get](const Row& row) { return QVariant::fromValue<qlonglong>(get(row).count()); },
          [get](const Row& row, int role) {
            return role == Qt::ToolTipRole ? QVariant(bytes_text_exact(get(row))) : QVariant();
          }};
}

/// The same with its sign.
template <class Row, class Get>
TableColumn<Row> difference_column(QString title, Get get) {
  TableColumn<Row> column = bytes_column<Row>(std::move(title), get);
  column.text = [get](const Row& row) { return signed_bytes_text(get(row)); };
  return column;
}

/// Every byte: "1,234,567".
template <class Row, class Get>
TableColumn<Row> exact_bytes_column(QString title, Get get) {
  TableColumn<Row> column = bytes_column<Row>(std::move(title), get);
  column.text = [get](const Row& row) { return to_qt(format_grouped(get(row).count())); };
  return column;
}

template <class Row, class Get>
TableColumn<Row> tokens_column(QString title, Get get) {
  return {std::move(title),
          Qt::AlignRight,
          [get](const Row& row) { return tokens_text(get(row)); },
          [get](const Row& row) { return QVariant::fromValue<qlonglong>(get(row).count()); },
          {}};
}

/// Puts a square of colour(row) in front of the column's text.
template <class Row, class Colour>
TableColumn<Row> with_colour(TableColumn<Row> column, Colour colour) {
  column.decorated = [colour](const Row& row, int role) {
    return role == Qt::DecorationRole ? QVariant(QColor(colour(row))) : QVariant();
  };
  return column;
}

}  // namespace headroom::gui

#include "model/tensors_table.h"

#include <QStringList>

#include "model/colours.h"
#include "model/column.h"

namespace headroom::gui {
namespace {

using Row = sim::LiveTensor;

TableColumn<Row> count_column() {
  return {QObject::tr("Count"),
          Qt::AlignRight,
          [](const Row& row) { return to_qt(format_grouped(row.count)); },
          [](const Row& row) { return QVariant::fromValue<qlonglong>(row.count); },
          {}};
}

std::vector<TableColumn<Row>> columns() {
  return {with_colour(text_column<Row>(QObject::tr("Tensor"), [](const Row& row) { return to_qt(row.name); }),
                      [](const Row& row) { return category_colour(row.category); }),
          bytes_column<Row>(QObject::tr("Total"), [](const Row& row) { return row.total; }),
          count_column(),
          bytes_column<Row>(QObject::tr("Each"), [](const Row& row) { return row.each; }),
          text_column<Row>(QObject::tr("Type"), [](const Row& row) { return to_qt(name_of(row.dtype)); }),
          text_column<Row>(QObject::tr("Shape"), [](const Row& row) { return shape_text(row.shape); }),
          text_column<Row>(QObject::tr("Formula"), [](const Row& row) { return to_qt(row.formula); }),
          text_column<Row>(QObject::tr("Source"), [](const Row& row) { return to_qt(row.source); })};
}

}  // namespace

TensorsTable::TensorsTable(QObject* parent) : ListTable(columns(), parent) {}

QString shape_text(const std::vector<std::int64_t>& shape) {
  QStringList extents;
  for (const std::int64_t extent : shape) extents.push_back(to_qt(format_grouped(extent)));
  return extents.join(QStringLiteral(" × "));
}

}  // namespace headroom::gui

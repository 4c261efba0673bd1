#include <QFileInfo>

#include "model/colours.h"
#include "model/column.h"
#include "model/records.h"

namespace headroom::gui {
namespace {

using Row = CheckedRecord;

/// "agrees" where every figure is within its tolerance, else how many are not.
QString verdict(const Row& row) {
  if (row.check.agrees()) return QObject::tr("agrees");
  int wrong = 0;
  for (const CheckedRow& figure : checked_rows(row.check)) wrong += figure.figure.agrees() ? 0 : 1;
  return QObject::tr("%n figure(s) differ", nullptr, wrong).replace(QLatin1String("(s)"), wrong == 1 ? "" : "s");
}

TableColumn<Row> path_column() {
  auto column = text_column<Row>(QObject::tr("Record"), [](const Row& row) { return QFileInfo(row.path).fileName(); });
  column.decorated = [](const Row& row, int role) { return role == Qt::ToolTipRole ? QVariant(row.path) : QVariant(); };
  return column;
}

TableColumn<Row> verdict_column() {
  auto column = text_column<Row>(QObject::tr("Verdict"), verdict);
  column.decorated = [](const Row& row, int role) {
    return role == Qt::ForegroundRole && !row.check.agrees() ? QVariant(limit_colour()) : QVariant();
  };
  return column;
}

/// A column for the difference of each category that tensors have.
void add_categories(std::vector<TableColumn<Row>>& columns) {
  for (const auto& named : values_of<Category>()) {
    const Category category = named.value;
    if (category == Category::context || category == Category::workspace || category == Category::allocator_slack) {
      continue;
    }
    columns.push_back(
        difference_column<Row>(QStringLiteral("Δ ") + category_text(category), [category](const Row& row) {
          for (const sim::CheckedCategory& checked : row.check.categories) {
            if (checked.category == category) return checked.figure.difference();
          }
          return Bytes();
        }));
  }
}

std::vector<TableColumn<Row>> record_columns() {
  std::vector<TableColumn<Row>> columns{
      path_column(),
      verdict_column(),
      text_column<Row>(QObject::tr("Model"), [](const Row& row) { return name_text(row.job.model.name); }),
      text_column<Row>(QObject::tr("Method"), [](const Row& row) { return method_text(row.job.method); }),
      tokens_column<Row>(QObject::tr("Tokens"), [](const Row& row) { return row.job.seq; }),
      bytes_column<Row>(QObject::tr("Measured"), [](const Row& row) { return row.check.total.measured; }),
      bytes_column<Row>(QObject::tr("Predicted"), [](const Row& row) { return row.check.total.predicted; }),
      difference_column<Row>(QObject::tr("Difference"), [](const Row& row) { return row.check.total.difference(); })};
  add_categories(columns);
  return columns;
}

/// A figure in its own unit.
template <class Get>
TableColumn<CheckedRow> figure_column(const QString& title, Get get) {
  auto column = bytes_column<CheckedRow>(title, [get](const CheckedRow& row) { return get(row.figure); });
  column.text = [get](const CheckedRow& row) {
    const Bytes value = get(row.figure);
    return row.unit == CheckedRow::Unit::bytes ? bytes_text(value) : to_qt(format_grouped(value.count()));
  };
  column.decorated = [get](const CheckedRow& row, int role) {
    const bool is_exact = role == Qt::ToolTipRole && row.unit == CheckedRow::Unit::bytes;
    return is_exact ? QVariant(bytes_text_exact(get(row.figure))) : QVariant();
  };
  return column;
}

std::vector<TableColumn<CheckedRow>> figure_columns() {
  auto name = text_column<CheckedRow>(QObject::tr("Figure"), [](const CheckedRow& row) { return row.name; });
  name.decorated = [](const CheckedRow& row, int role) {
    return role == Qt::DecorationRole && row.category ? QVariant(category_colour(*row.category)) : QVariant();
  };
  auto difference = exact_bytes_column<CheckedRow>(QObject::tr("Difference"),
                                                   [](const CheckedRow& row) { return row.figure.difference(); });
  difference.decorated = [](const CheckedRow& row, int role) {
    return role == Qt::ForegroundRole && !row.figure.agrees() ? QVariant(limit_colour()) : QVariant();
  };
  return {name,
          figure_column(QObject::tr("Measured"), [](const sim::CheckedFigure& figure) { return figure.measured; }),
          figure_column(QObject::tr("Predicted"), [](const sim::CheckedFigure& figure) { return figure.predicted; }),
          difference, exact_bytes_column<CheckedRow>(QObject::tr("Tolerance"), [](const CheckedRow& row) {
            return row.figure.tolerance;
          })};
}

}  // namespace

RecordsTable::RecordsTable(QObject* parent) : ListTable(record_columns(), parent) {}

CheckTable::CheckTable(QObject* parent) : ListTable(figure_columns(), parent) {}

}  // namespace headroom::gui

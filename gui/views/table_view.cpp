#include "views/table_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QSortFilterProxyModel>

#include <algorithm>

#include "model/list_table.h"

namespace headroom::gui {
namespace {

constexpr int kRowPadding = 6;
constexpr int kWidestColumn = 240;
constexpr int kMeasuredRows = 100;  ///< for a column's width; all of them would hold up the window

}  // namespace

TableView::TableView(QAbstractItemModel* model, QWidget* parent) : QTableView(parent) {
  auto* sorted = new QSortFilterProxyModel(this);
  sorted->setSortRole(kValueRole);
  sorted->setSourceModel(model);
  setModel(sorted);
  setSortingEnabled(true);
  horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setResizeContentsPrecision(kMeasuredRows);
  horizontalHeader()->setStretchLastSection(true);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + kRowPadding);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setShowGrid(false);
  setAlternatingRowColors(true);
  setWordWrap(false);
  setTabKeyNavigation(false);
  connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& now) {
    if (now.isValid()) Q_EMIT row_chosen(source_row(now));
  });
  connect(model, &QAbstractItemModel::modelReset, this, &TableView::fit_columns, Qt::QueuedConnection);
}

int TableView::source_row(const QModelIndex& shown) const {
  return qobject_cast<const QSortFilterProxyModel*>(QTableView::model())->mapToSource(shown).row();
}

void TableView::choose_row(int row) {
  const auto* sorted = qobject_cast<const QSortFilterProxyModel*>(QTableView::model());
  const QModelIndex shown = sorted->mapFromSource(sorted->sourceModel()->index(row, 0));
  selectRow(shown.row());
  scrollTo(shown);
}

void TableView::fit_columns() {
  resizeColumnsToContents();
  const int columns = QTableView::model()->columnCount();
  for (int i = 0; i + 1 < columns; ++i) setColumnWidth(i, std::min(columnWidth(i) + kRowPadding, kWidestColumn));
}

void TableView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copy_selection();
  } else {
    QTableView::keyPressEvent(event);
  }
}

void TableView::copy_selection() const {
  const QAbstractItemModel* shown = QTableView::model();
  QStringList header;
  for (int i = 0; i < shown->columnCount(); ++i) header << shown->headerData(i, Qt::Horizontal).toString();
  QStringList lines{header.join(QLatin1Char('\t'))};
  for (const QModelIndex& row : selectionModel()->selectedRows()) {
    QStringList cells;
    for (int i = 0; i < shown->columnCount(); ++i) cells << row.siblingAtColumn(i).data().toString();
    lines << cells.join(QLatin1Char('\t'));
  }
  QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace headroom::gui

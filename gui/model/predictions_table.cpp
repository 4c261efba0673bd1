#include "model/predictions_table.h"

#include <optional>

#include "model/column.h"
#include "model/host_memory.h"

namespace headroom::gui {
namespace {

using Row = Prediction;

QString dash() { return QStringLiteral("–"); }

QString longest_text(const Row& row) {
  if (!row.longest) return dash();
  return row.longest->tokens == Tokens(0) ? QObject::tr("nothing fits") : tokens_text(row.longest->tokens);
}

TableColumn<Row> longest_column() {
  return {QObject::tr("Max context"),
          Qt::AlignRight,
          longest_text,
          [](const Row& row) { return QVariant::fromValue<qlonglong>(row.longest ? row.longest->tokens.count() : -1); },
          {}};
}

TableColumn<Row> device_column() {
  return {
      QObject::tr("Device memory"),
      Qt::AlignRight,
      [](const Row& row) { return row.breakdown ? bytes_text(row.breakdown->device) : dash(); },
      [](const Row& row) { return QVariant::fromValue<qlonglong>(row.breakdown ? row.breakdown->device.count() : -1); },
      {}};
}

QString verdict(const Row& row) {
  if (!row.breakdown) return QObject::tr("refused: %1").arg(to_qt(row.refused));
  const std::optional<NodeMemory> node = node_memory(row.job, row.breakdown->host);
  const Bytes left = row.job.device.capacity.bytes - row.breakdown->device;
  if (left < Bytes()) return QObject::tr("too much by %1").arg(bytes_text(Bytes() - left));
  if (node && !node->fits())
    return QObject::tr("host memory too small by %1").arg(bytes_text(node->needed - *node->limit));
  return QObject::tr("fits, %1 left").arg(bytes_text(left));
}

QString peak_text(const Row& row) { return row.breakdown ? to_qt(sim::format_moment(row.breakdown->moment)) : dash(); }

/// In a word, the whole sentence in the tool tip.
TableColumn<Row> status_column() {
  return {QObject::tr("Status"), Qt::AlignLeft,
          [](const Row& row) { return to_qt(row.status).section(QLatin1Char(':'), 0, 0); },
          [](const Row& row) { return to_qt(row.status); },
          [](const Row& row, int role) { return role == Qt::ToolTipRole ? QVariant(to_qt(row.status)) : QVariant(); }};
}

std::vector<TableColumn<Row>> columns() {
  return {
      text_column<Row>(QObject::tr("Method"), [](const Row& row) { return method_text(row.job.method); }),
      longest_column(),
      device_column(),
      text_column<Row>(QObject::tr("At this length"), verdict),
      text_column<Row>(QObject::tr("Binding"),
                       [](const Row& row) { return row.breakdown ? category_text(row.breakdown->binding) : dash(); }),
      text_column<Row>(QObject::tr("Peak at"), peak_text),
      status_column()};
}

}  // namespace

PredictionsTable::PredictionsTable(QObject* parent) : ListTable(columns(), parent) {}

}  // namespace headroom::gui

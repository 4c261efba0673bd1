#include "model/csv.h"

namespace headroom::gui {
namespace {

QString field_text(QString field) {
  const auto is_special = [](QChar c) { return QLatin1String(",\"\r\n").contains(c); };
  if (std::none_of(field.cbegin(), field.cend(), is_special)) return field;
  return QLatin1Char('"') + field.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString record_text(const QStringList& fields) {
  QStringList quoted;
  for (const QString& field : fields) quoted.push_back(field_text(field));
  return quoted.join(QLatin1Char(',')) + QLatin1String("\r\n");
}

}  // namespace

QString CsvTable::text() const {
  QString text = record_text(header);
  for (const QStringList& row : rows) text += record_text(row);
  return text;
}

}  // namespace headroom::gui

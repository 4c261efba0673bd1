#include "model/records.h"

#include <QDirIterator>
#include <QFileInfo>

#include <headroom/models/error.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

QStringList records_below(const QString& folder) {
  QStringList paths;
  QDirIterator files(folder, {QStringLiteral("*.json")}, QDir::Files | QDir::Readable, QDirIterator::Subdirectories);
  while (files.hasNext()) paths << files.next();
  paths.sort();
  return paths;
}

QStringList find_records(const QStringList& files_and_folders, QStringList& errors) {
  QStringList paths;
  for (const QString& name : files_and_folders) {
    if (!QFileInfo(name).isDir()) {
      paths << name;
      continue;
    }
    const QStringList below = records_below(name);
    if (below.isEmpty()) errors << QObject::tr("There is no record (*.json) in the folder %1").arg(name);
    paths << below;
  }
  return paths;
}

CheckedRecord read_checked(const QString& path) {
  const Record record = read_record(to_utf8(path)).value;
  const sim::Breakdown predicted = sim::Predictor(record.job).breakdown(record.job.seq);
  return {path, record.job, record.backend, record.allocated.categories, predicted, sim::check(record, predicted)};
}

}  // namespace

std::optional<Records> read_records(const QStringList& files_and_folders, const Progress& progress) {
  Records records;
  const QStringList paths = find_records(files_and_folders, records.errors);
  for (qsizetype i = 0; i < paths.size(); ++i) {
    if (!progress(static_cast<double>(i) / static_cast<double>(paths.size()))) return std::nullopt;
    try {
      records.checked.push_back(read_checked(paths[i]));
    } catch (const InputError& error) {
      records.errors << capitalised(to_qt(error.what()));
    }
  }
  return records;
}

std::vector<CheckedRow> checked_rows(const sim::Check& check) {
  std::vector<CheckedRow> rows;
  for (const sim::CheckedCategory& category : check.categories) {
    rows.push_back({category_text(category.category), category.category, category.figure});
  }
  rows.push_back({QObject::tr("allocated"), std::nullopt, check.total});
  if (check.witness) rows.push_back({QObject::tr("seen by the system"), std::nullopt, *check.witness});
  return rows;
}

}  // namespace headroom::gui

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

void add_disagreeing(std::vector<CheckedRow>& rows, const QString& whose,
                     const std::vector<sim::CheckedCategory>& categories) {
  for (const sim::CheckedCategory& category : categories) {
    if (category.figure.agrees()) continue;
    rows.push_back({whose + category_text(category.category), std::nullopt, category.figure});
  }
}

void add_host(std::vector<CheckedRow>& rows, const QString& whose, const sim::CheckedHost& host) {
  rows.push_back({whose + QObject::tr("on the host"), std::nullopt, host.total});
  add_disagreeing(rows, whose + QObject::tr("on the host, "), host.categories);
}

void add_rank(std::vector<CheckedRow>& rows, const sim::CheckedRank& rank) {
  const QString whose = QObject::tr("rank %1 ").arg(rank.rank);
  rows.push_back({whose + QObject::tr("allocated"), std::nullopt, rank.total});
  add_disagreeing(rows, whose, rank.categories);
  if (rank.host) add_host(rows, whose, *rank.host);
  if (!rank.sent) return;
  const sim::Sent &measured = rank.sent->measured, &predicted = rank.sent->predicted;
  rows.push_back({whose + QObject::tr("sent"), std::nullopt, {measured.bytes, predicted.bytes, Bytes()}});
  rows.push_back({whose + QObject::tr("messages"),
                  std::nullopt,
                  {Bytes(measured.messages), Bytes(predicted.messages), Bytes()},
                  CheckedRow::Unit::messages});
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
  if (check.host) add_host(rows, QString(), *check.host);
  for (const sim::CheckedRank& rank : check.ranks) add_rank(rows, rank);
  if (check.witness) rows.push_back({QObject::tr("seen by the witness"), std::nullopt, *check.witness});
  if (check.device) rows.push_back({QObject::tr("taken of the device"), std::nullopt, *check.device});
  return rows;
}

}  // namespace headroom::gui

#pragma once

#include <QString>
#include <QStringList>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/record.h>
#include <headroom/sim/check.h>

#include "model/csv.h"
#include "model/list_table.h"
#include "model/progress.h"
#include "model/scene.h"

/// Records beside their predictions.
namespace headroom::gui {

/// One record that was read and checked.
struct CheckedRecord {
  QString path;
  Job job;
  std::string backend;
  BytesByCategory measured;
  sim::Breakdown predicted;
  sim::Check check;
};

struct Records {
  std::vector<CheckedRecord> checked;
  QStringList errors;  ///< a sentence for each file or folder that could not be checked
};

/// Files as given; of a folder every *.json in it and in the folders below, sorted. Nothing where `progress` says no.
[[nodiscard]] std::optional<Records> read_records(const QStringList& files_and_folders, const Progress& progress);

[[nodiscard]] Scene records_scene(const Records& records);
[[nodiscard]] CsvTable records_csv(const Records& records);
/// The place in `checked` of the record that a point of the scene shows; none: the hit is on no point.
[[nodiscard]] std::optional<std::size_t> record_of(const Records& records, const Hit& hit);
/// A record's two stacks, measured and predicted.
[[nodiscard]] Scene record_scene(const CheckedRecord& record);

/// The records, one a row.
class RecordsTable : public ListTable<CheckedRecord> {
 public:
  explicit RecordsTable(QObject* parent = nullptr);
};

/// A figure of one record, measured and predicted.
struct CheckedRow {
  enum class Unit : std::uint8_t { bytes, messages };

  QString name;
  std::optional<Category> category;  ///< of what is allocated, where the figure is of one
  sim::CheckedFigure figure;
  Unit unit = Unit::bytes;
};
/// Every figure but those of single categories that agree on the host and on ranks; all agree where the check does.
[[nodiscard]] std::vector<CheckedRow> checked_rows(const sim::Check& check);

/// The figures of one record: its categories, then the totals, those of the host and of ranks among them.
class CheckTable : public ListTable<CheckedRow> {
 public:
  explicit CheckTable(QObject* parent = nullptr);
};

}  // namespace headroom::gui

#pragma once

#include <QString>

#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>

#include "model/csv.h"
#include "model/host_memory.h"
#include "model/list_table.h"
#include "model/prediction.h"
#include "model/scene.h"

/// Two jobs, term by term.
namespace headroom::gui {

/// What the two jobs hold under one name at their peaks.
struct ComparedTerm {
  QString name;
  Memory memory = Memory::device;
  Category category{};
  Bytes first;
  Bytes second;
  QString first_formula;
  QString second_formula;

  [[nodiscard]] Bytes difference() const { return second - first; }
};

/// A setting in which the two jobs differ.
struct ComparedSetting {
  QString name;
  QString first;
  QString second;
};

struct Comparison {
  Prediction first;
  Prediction second;
  std::vector<ComparedTerm> terms;  ///< largest difference first, then those that are equal
  std::vector<ComparedSetting> settings;
};

[[nodiscard]] Comparison compare_jobs(const Job& first, const Job& second);

/// "only this job holds it", "both", ...
[[nodiscard]] QString holder_text(const ComparedTerm& term);

[[nodiscard]] Scene comparison_scene(const Comparison& comparison);
[[nodiscard]] CsvTable comparison_csv(const Comparison& comparison);

class ComparisonTable : public ListTable<ComparedTerm> {
 public:
  explicit ComparisonTable(QObject* parent = nullptr);
};

}  // namespace headroom::gui

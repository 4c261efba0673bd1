#pragma once

#include <QString>

#include <optional>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/difference.h>

#include "model/csv.h"
#include "model/list_table.h"
#include "model/prediction.h"
#include "model/scene.h"

/// Two jobs, term by term.
namespace headroom::gui {

/// A setting in which the two jobs differ.
struct ComparedSetting {
  QString name;
  QString first;
  QString second;
};

struct Comparison {
  Prediction first;
  Prediction second;
  std::optional<sim::Difference> difference;  ///< none: one of them is refused
  std::vector<ComparedSetting> settings;
};

[[nodiscard]] Comparison compare_jobs(const Job& first, const Job& second);

/// Of both jobs; none where one of them is refused.
[[nodiscard]] std::vector<sim::TermDifference> terms_of(const Comparison& comparison);

/// "this job alone", "both", ...
[[nodiscard]] QString holder_text(const sim::TermDifference& term);

/// A bar for each job, on the host too where it keeps anything there: faint below what both hold, above it what the job
/// holds alone. With one of them refused, the other as it is.
[[nodiscard]] Scene comparison_scene(const Comparison& comparison);
[[nodiscard]] CsvTable comparison_csv(const Comparison& comparison);

class ComparisonTable : public ListTable<sim::TermDifference> {
 public:
  explicit ComparisonTable(QObject* parent = nullptr);
};

}  // namespace headroom::gui

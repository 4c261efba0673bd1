#pragma once

#include <QString>

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

namespace headroom::gui {

/// What one job needs at its length and how far it gets, or why it is refused.
struct Prediction {
  Job job;
  std::string refused;  ///< a sentence; empty: predicted
  std::vector<std::string> warnings;
  std::string status;  ///< whether it was measured
  std::optional<sim::Breakdown> breakdown;
  std::optional<sim::MaxContext> longest;

  [[nodiscard]] bool fits() const { return breakdown && sim::fits(job, *breakdown); }
};

[[nodiscard]] Prediction predict(const Job& job);

/// The job by every method: the presets in their order, its own method in the place of the preset it started from.
[[nodiscard]] std::vector<Job> jobs_by_method(const Job& job);
[[nodiscard]] std::vector<Prediction> predict_methods(const Job& job);

/// The live tensors of one category at the peak, largest first. Throws InputError.
[[nodiscard]] std::vector<sim::LiveTensor> tensors_of(const Job& job, Category category);

/// Why `job` is refused, in a sentence; empty: it is not.
[[nodiscard]] QString refusal(const Job& job);

}  // namespace headroom::gui

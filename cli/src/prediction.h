#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_batch.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "job_request.h"

namespace headroom::cli {

/// What one job needs, or why its combination is refused.
struct Prediction {
  Job job;
  std::string refused;  ///< a sentence; empty: predicted
  sim::Breakdown breakdown;
  std::optional<sim::MaxContext> longest;  ///< where the longest context was asked for
  std::optional<sim::MaxBatch> largest;    ///< where the largest batch was asked for, which is then the job's
  std::string status;                      ///< whether it was measured
  std::vector<std::string> warnings;       ///< choices that save nothing
  std::int64_t arrangements = 1;           ///< of the devices, of which `job` has the best

  [[nodiscard]] bool fits() const { return refused.empty() && sim::fits(job, breakdown); }
};

/// Each job at its own length, at its longest on `grid`, or at its own length with its largest batch. A refused
/// combination is an answer where a list of methods was asked for; throws InputError where it is the only one, or where
/// all are refused.
[[nodiscard]] std::vector<Prediction> predict_at_length(const JobRequest& request);
[[nodiscard]] std::vector<Prediction> predict_longest(const JobRequest& request, const sim::Grid& grid);
[[nodiscard]] std::vector<Prediction> predict_largest_batch(const JobRequest& request);

/// What the reader should know beside the figures: notes of the files read, warnings, lengths beyond the model's
/// positions.
[[nodiscard]] std::vector<std::string> notes_on(const JobRequest& request, const std::vector<Prediction>& predictions);

/// The settings that the predictions share: each method may have its devices arranged in its own way.
[[nodiscard]] std::string common_settings_text(const std::vector<Prediction>& predictions);

/// 0 when one of them fits, else 3.
[[nodiscard]] int exit_code_for(const std::vector<Prediction>& predictions);

}  // namespace headroom::cli

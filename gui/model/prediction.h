#pragma once

#include <QString>

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "model/host_memory.h"

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

/// The live tensors of one category at the peak of the device or the host, largest first. Throws InputError.
[[nodiscard]] std::vector<sim::LiveTensor> tensors_of(const Job& job, Category category,
                                                      sim::Memory memory = sim::Memory::device);

/// A job whose devices were arranged.
struct Arranged {
  Job job;
  std::int64_t ways = 1;  ///< that the arrangement was chosen from
};

/// The job on so many devices, arranged as gets furthest, as `headroom max-context --devices` does; only the pipeline's
/// stages stay as they are. A job that is refused however they are arranged is one that refusal() speaks of. Throws
/// InputError.
[[nodiscard]] Arranged arranged(Job job, std::int64_t devices);

/// Why `job` is refused, in a sentence; empty: it is not.
[[nodiscard]] QString refusal(const Job& job);

}  // namespace headroom::gui

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/predictor.h>

namespace headroom::sim {

/// What a job holds of one term at its peak.
struct Held {
  std::vector<LiveTensor> tensors;  ///< of every shape, largest total first; none for what is no tensor
  Bytes total;

  [[nodiscard]] std::int64_t count() const;  ///< of the tensors
};

/// Tensors of one name and category, or what a device spends outside tensors, in two jobs.
struct TermDifference {
  Memory memory = Memory::device;
  Category category{};
  std::string name;
  Held first;
  Held second;

  [[nodiscard]] Bytes difference() const { return second.total - first.total; }
};

/// What two jobs hold at their peaks, on the device and on the host.
struct Difference {
  Breakdown first;
  Breakdown second;
  std::vector<TermDifference> terms;  ///< largest difference first, then those that are equal; each memory's sum to it
};

/// Compares the jobs of two predictors at the jobs' own lengths.
[[nodiscard]] Difference difference(const Predictor& first, const Predictor& second);

}  // namespace headroom::sim

#pragma once

#include <cstdint>
#include <optional>

#include <headroom/models/job.h>
#include <headroom/sim/predictor.h>

namespace headroom::sim {

/// The largest batch that is looked for.
inline constexpr std::int64_t kLargestBatch = (std::int64_t{1} << 40) - 1;

/// Where a limit stands and what stands there.
struct BatchWall {
  std::int64_t batch = 0;  ///< largest that fits; 0: none
  Moment moment;
  Category binding{};
};

/// Host memory as a second limit.
struct BatchHostLimit {
  Bytes needed;            ///< of a node, at the answer's batch
  Bytes capacity;          ///< of a node
  std::int64_t batch = 0;  ///< largest that it holds
  bool binds = false;      ///< whether it ends the answer before the device does
};

/// The answer to "how many sequences at a time?", as MaxContext answers for the length.
struct MaxBatch {
  std::int64_t batch = 0;  ///< most sequences per micro-batch of a data rank that fit; 0: not even one
  Bytes capacity;          ///< of the device
  Breakdown breakdown;     ///< at `batch`, or at one sequence where nothing fits
  Bytes shortfall;         ///< bytes missing at the next batch, of the memory that binds
  BatchWall next_wall;     ///< what binds if the binding category, or host memory where that binds, cost nothing
  std::optional<BatchHostLimit> host;  ///< where the job offloads and host memory is limited
};

/// The largest batch at which neither the device bytes of `job` at its length exceed the device's capacity nor what a
/// node's ranks keep on the host exceeds its host memory. The job's own batch is not looked at. Throws InputError where
/// the job is refused or has no length.
[[nodiscard]] MaxBatch max_batch(const Job& job);

/// Only the batch.
[[nodiscard]] std::int64_t largest_batch(const Job& job);

}  // namespace headroom::sim

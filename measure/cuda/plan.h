#pragma once

#include <string>

#include <headroom/models/bytes.h>
#include <headroom/models/job.h>

#include "device.h"

namespace headroom::measure::cuda {

/// What a job allocates that can be told without running or predicting it.
struct Plan {
  Bytes parameters;
  Bytes gradients;  ///< of all parameters; they live together only where the job accumulates
  Bytes states;     ///< the optimizer's, and master copies
  Bytes offloaded;  ///< parameters and states that live on the host
  Bytes workspace;
  Bytes cache;  ///< of inference, which has neither gradients nor states

  /// What lives on the device before the first step begins.
  [[nodiscard]] Bytes persistent() const { return parameters + states + cache - offloaded; }
};

/// Throws InputError where the model is not valid, OverflowError.
[[nodiscard]] Plan plan_of(const Job& job);

/// The job and its plan in lines for people.
[[nodiscard]] std::string text_of(const Job& job, const Plan& plan);
/// The device and its memory in lines for people.
[[nodiscard]] std::string text_of(const CudaDevice& device, const MemoryReading& memory);

/// Throws RefusedAllocation where not even what persists fits into the free memory.
void require_room(const Plan& plan, const MemoryReading& memory);

}  // namespace headroom::measure::cuda

#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <headroom/kernels/backend.h>
#include <headroom/measure/communicator.h>
#include <headroom/measure/ledger.h>
#include <headroom/measure/resource.h>
#include <headroom/measure/trainer.h>
#include <headroom/models/record.h>

namespace headroom::measure {

/// Where a measurement is.
struct Progress {
  std::int64_t run = 1;   ///< counts from 1
  std::int64_t step = 0;  ///< counts from 1; 0: set-up
  const Instant& instant;
};

struct MeasureOptions {
  std::int64_t repeats = 1;  ///< runs of the job, each with a memory of its own
  std::int64_t steps = 1;    ///< training steps a run, or how often inference reads all prompts and decodes
  bool timeline = false;     ///< every birth and death of the first run's set-up and first step
  std::optional<Bytes> limit;
  Training training;
  std::function<void(const Progress&)> progress;
};

/// Runs the job and records what it allocated. Device, threads, software, workspace and witness are left to the caller,
/// who knows the machine. Throws InputError where the job or the options cannot be run, RefusedAllocation, and
/// std::runtime_error where what ran is not what was meant to (a loss or a logit that is no number, tensors that never
/// die). Every rank of the communicator measures itself and has a record of its own. What the job offloads lives in a
/// memory of the host beside the resource; `host_backend` updates parameters there: none is `backend` itself where its
/// resource is on the host, else optimizers cannot be offloaded.
[[nodiscard]] Record measure(kernels::Backend& backend, Resource& resource, const Job& job,
                             const MeasureOptions& options = {}, Communicator& communicator = alone(),
                             kernels::Backend* host_backend = nullptr);

}  // namespace headroom::measure

#pragma once

#include <memory>

#include <headroom/kernels/backend.h>
#include <headroom/measure/communicator.h>
#include <headroom/measure/memory.h>
#include <headroom/measure/trainer.h>
#include <headroom/measure/weights.h>
#include <headroom/models/job.h>

namespace headroom::measure {

/// A model, a KV cache and synthetic prompts that span the job's sequence length: runs inference as docs/runtime.md
/// section 13 says.
class Generator {
 public:
  /// Births what persists. Every rank of the communicator has a generator of its own. Of `training` the seed is read.
  /// Throws InputError where the job is not one of inference that can be run, RefusedAllocation.
  Generator(kernels::Backend& backend, Memory& memory, const Job& job, const Training& training = {},
            Observer* observer = nullptr, Communicator& communicator = alone());
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  /// Prefill of every prompt, then the decode of the last token of each.
  void run();

  /// The parameters, to be read and changed between runs.
  [[nodiscard]] Weights& weights();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headroom::measure

#pragma once

#include <memory>

#include <headroom/kernels/backend.h>

namespace headroom::measure::cuda {

/// The processor as a backend with a workspace of its own: it updates what a job offloads.
class HostKernels {
 public:
  HostKernels() = default;
  HostKernels(const HostKernels&) = delete;
  HostKernels& operator=(const HostKernels&) = delete;
  virtual ~HostKernels() = default;

  [[nodiscard]] virtual kernels::Backend& backend() = 0;
};

/// `threads` 0: one for each processor. None where the program was built without kernels of the host.
[[nodiscard]] std::unique_ptr<HostKernels> make_host_kernels(int threads);

}  // namespace headroom::measure::cuda

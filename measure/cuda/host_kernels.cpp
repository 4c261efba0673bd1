#include "host_kernels.h"

#include <algorithm>
#include <thread>

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/workspace.h>

namespace headroom::measure::cuda {
namespace {

class Processor : public HostKernels {
 public:
  explicit Processor(int threads)
      : workspace_(resource_, threads * static_cast<std::int64_t>(kernels::kHostWorkspacePerThread)),
        backend_(kernels::make_host_backend(threads, workspace_.span())) {}

  [[nodiscard]] kernels::Backend& backend() override { return *backend_; }

 private:
  HostResource resource_;
  Workspace workspace_;
  std::unique_ptr<kernels::Backend> backend_;
};

}  // namespace

std::unique_ptr<HostKernels> make_host_kernels(int threads) {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::make_unique<Processor>(threads == 0 ? processors : threads);
}

}  // namespace headroom::measure::cuda

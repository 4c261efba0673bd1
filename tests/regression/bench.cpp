#include "bench.h"

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/measurement.h>

namespace headroom::test {
namespace {

constexpr int kThreads = 2;
constexpr std::size_t kWorkspace = kThreads * kernels::kHostWorkspacePerThread;
constexpr std::align_val_t kAlignment{64};

struct FreeAligned {
  void operator()(std::byte* block) const { ::operator delete(block, kAlignment); }
};

kernels::Backend& host() {
  static const std::unique_ptr<std::byte, FreeAligned> workspace(
      static_cast<std::byte*>(::operator new(kWorkspace, kAlignment)));
  static const auto backend = kernels::make_host_backend(kThreads, std::span(workspace.get(), kWorkspace));
  return *backend;
}

}  // namespace

Record measured(const Job& job) {
  measure::HostResource resource;
  measure::MeasureOptions options;
  options.timeline = true;
  return measure::measure(host(), resource, job, options);
}

}  // namespace headroom::test

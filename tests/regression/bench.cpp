#include "bench.h"

#include <cstddef>
#include <exception>
#include <fstream>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

constexpr int kRan = 0;
constexpr int kRefused = 1;
constexpr int kBroken = 2;

/// VmSize, the figure that RLIMIT_AS bounds.
Bytes address_space() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0;
  file >> pages;
  return Bytes(pages * ::sysconf(_SC_PAGESIZE));
}

int run(kernels::Backend& backend, const Job& job) {
  measure::HostResource resource;
  try {
    static_cast<void>(measure::measure(backend, resource, job));
    return kRan;
  } catch (const measure::RefusedAllocation&) {
    return kRefused;
  } catch (const std::bad_alloc&) {
    return kRefused;
  } catch (const std::exception&) {
    return kBroken;
  }
}

/// In a process of its own: what an emptied run needs, and 1.02 times the budget beyond it.
int run_limited(const Job& job, Bytes budget) {
  std::vector<std::byte> workspace(kernels::kHostWorkspacePerThread + static_cast<std::size_t>(kAlignment));
  void* aligned = workspace.data();
  std::size_t room = workspace.size();
  std::align(static_cast<std::size_t>(kAlignment), kernels::kHostWorkspacePerThread, aligned, room);
  const auto backend =
      kernels::make_host_backend(1, {static_cast<std::byte*>(aligned), kernels::kHostWorkspacePerThread});
  Job emptied = job;
  emptied.seq = Tokens(1);
  emptied.model.vocab = 1;
  if (run(*backend, emptied) != kRan) return kBroken;
  const Bytes limit = address_space() + budget + Bytes(budget.count() / 50);
  const ::rlimit resource_limit{static_cast<rlim_t>(limit.count()), static_cast<rlim_t>(limit.count())};
  if (::setrlimit(RLIMIT_AS, &resource_limit) != 0) return kBroken;
  return run(*backend, job);
}

}  // namespace

Record measured(const Job& job) {
  measure::HostResource resource;
  measure::MeasureOptions options;
  options.timeline = true;
  return measure::measure(host(), resource, job, options);
}

bool runs_within(const Job& job, Bytes limit) {
  measure::HostResource resource;
  measure::MeasureOptions options;
  options.limit = limit;
  try {
    static_cast<void>(measure::measure(host(), resource, job, options));
    return true;
  } catch (const measure::RefusedAllocation&) {
    return false;
  }
}

bool runs_within_system_limit(const Job& job, Bytes budget) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_limited(job, budget));
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == kBroken) throw std::runtime_error("the limited run broke down");
  return WEXITSTATUS(status) == kRan;
}

}  // namespace headroom::test

#include "run.h"

#include <chrono>

#include <fmt/format.h>

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/measurement.h>
#include <headroom/measure/workspace.h>

#include "machine.h"

namespace headroom::measure::host {
namespace {

/// One line on stderr, at most once in a while.
class ProgressLines {
 public:
  explicit ProgressLines(const Options& options) : repeats_(options.repeats), steps_(options.steps) {}

  void operator()(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::seconds(1);
    const std::string layer = progress.instant.layer ? fmt::format(" {}", *progress.instant.layer) : "";
    fmt::print(stderr, "run {} of {}, step {} of {}: {}{}\n", progress.run, repeats_, progress.step, steps_,
               progress.instant.name, layer);
  }

 private:
  std::int64_t repeats_;
  std::int64_t steps_;
  std::chrono::steady_clock::time_point next_{};
};

MeasureOptions measure_options(const Options& options) {
  MeasureOptions result;
  result.repeats = options.repeats;
  result.steps = options.steps;
  result.timeline = options.timeline;
  result.limit = options.limit;
  if (options.progress) result.progress = ProgressLines(options);
  return result;
}

}  // namespace

Record run(const Job& job, const Options& options) {
  HostResource resource;
  const Workspace workspace(resource, options.threads * static_cast<std::int64_t>(kernels::kHostWorkspacePerThread));
  const auto backend = kernels::make_host_backend(options.threads, workspace.span());
  Record record = measure(*backend, resource, job, measure_options(options));
  record.device = processor_name();
  record.threads = options.threads;
  record.software = software();
  record.workspace = Bytes(static_cast<std::int64_t>(workspace.span().size()));
  return record;
}

}  // namespace headroom::measure::host

#include "observation.h"

#include <fmt/format.h>

namespace headroom::measure::cuda {
namespace {

constexpr std::size_t kMostKernels = 64;

/// What the observer saw of the pool that tensors come from, and of everything else.
CuptiTrace trace_of(const Observed& observed, std::optional<std::uint64_t> pool, const std::vector<Marker>& markers) {
  const BlockSummary tensors = summarize(in_order(observed.trace, pool), markers);
  const BlockSummary other = summarize(in_order(observed.trace, std::nullopt), {});
  CuptiTrace trace;
  trace.peak = tensors.peak;
  trace.driver_peak = observed.driver_peak;
  trace.other_peak = other.peak;
  trace.driver_other_peak = observed.driver_other_peak;
  trace.allocations = tensors.births;
  trace.releases = tensors.deaths;
  trace.unknown_releases = tensors.unknown_deaths;
  trace.untold_releases = tensors.untold_deaths;
  trace.dropped = observed.dropped;
  trace.instants = tensors.instants;
  trace.kernels = kernel_times(observed.trace.kernels, kMostKernels);
  return trace;
}

}  // namespace

Observation::Observation(const Options& options) {
  if (options.no_cupti) return;
  try {
    observer_ = observe_through_cupti(options.kernels);
  } catch (const NoObserver& reason) {
    notes_.push_back(fmt::format("measured without CUPTI: {}", reason.what()));
  }
}

void Observation::watch(cudaMemPool_t pool) {
  if (observer_) observer_->watch(pool);
}

void Observation::mark_instants(MeasureOptions& options) {
  if (!observer_) return;
  options.progress = [this, tell = std::move(options.progress)](const Progress& progress) {
    markers_.push_back({observer_->now(), progress.instant.name});
    if (tell) tell(progress);
  };
}

void Observation::finish(const CudaResource& resource, Record& record) {
  record.notes.insert(record.notes.end(), notes_.begin(), notes_.end());
  if (!observer_) return;
  try {
    const Observed observed = observer_->finish();
    record.notes.insert(record.notes.end(), observed.notes.begin(), observed.notes.end());
    record.software.push_back({"CUPTI", observed.version});
    const auto first = resource.first_block();
    const auto pool = first ? pool_of(observed.trace, *first) : std::nullopt;
    if (!pool) throw NoObserver("CUPTI told of no allocation of ours");
    record.cupti = trace_of(observed, pool, markers_);
    record.witness = Witness{std::string(kCuptiWitness), record.cupti->peak, Bytes()};
    if (!observed.trace.kernels.empty()) {
      record.device_memory->local_memory = largest_local_memory(observed.trace.kernels);
    }
  } catch (const NoObserver& reason) {
    record.notes.push_back(fmt::format("CUPTI's records are missing: {}", reason.what()));
  }
}

}  // namespace headroom::measure::cuda

#include "run.h"

#include <headroom/kernels/cuda/cuda.h>
#include <headroom/kernels/cuda/cuda_check.h>
#include <headroom/measure/measurement.h>

#include "companion.h"
#include "cuda_resource.h"
#include "host_kernels.h"
#include "observation.h"
#include "plan.h"
#include "program.h"

namespace headroom::measure::cuda {
namespace {

/// What is known in front of the first allocation.
struct Before {
  std::optional<Bytes> context;
  MemoryReading memory;
};

Before begin(const CudaDevice& device) {
  const std::optional<Bytes> context = make_context_beside_companion(device);
  return {context, read_memory()};
}

DeviceMemory device_memory(const Before& before, CudaResource& resource, Bytes workspace) {
  const Bytes taken = before.memory.free - resource.least_free();
  DeviceMemory memory;
  memory.total = before.memory.total;
  memory.free = before.memory.free;
  memory.context = before.context;
  memory.modules = taken - resource.reserved_high() - workspace;
  memory.pool_used = resource.used_high();
  memory.pool_reserved = resource.reserved_high();
  memory.peak = before.context.value_or(Bytes()) + taken;
  return memory;
}

/// A card that is full to the brim refuses where a kernel is loaded or its local memory grows: that is no failure.
Record measure_or_refuse(kernels::Backend& backend, Resource& resource, const Job& job, const MeasureOptions& options,
                         HostKernels* host) {
  try {
    return measure(backend, resource, job, options, alone(), host == nullptr ? nullptr : &host->backend());
  } catch (const kernels::CudaError& error) {
    if (error.code() == cudaErrorMemoryAllocation) throw RefusedAllocation(error.what());
    throw;
  }
}

/// Everything lives on the device but what the caller adds.
Record measure_on(const CudaDevice& device, const Job& job, const Options& options, Observation& observation,
                  const Before& before) {
  const Stream stream;
  const DeviceBlock workspace(kernels::kCudaWorkspace);
  CudaResource resource(device, stream.get());
  observation.watch(resource.pool());
  const auto backend = kernels::make_cuda_backend(stream.get(), workspace.span());
  MeasureOptions measure_options = measure::measure_options(options);
  observation.mark_instants(measure_options);
  const auto host = job.method.offload_optimizer ? make_host_kernels(options.threads) : nullptr;
  Record record = measure_or_refuse(*backend, resource, job, measure_options, host.get());
  record.workspace = Bytes(static_cast<std::int64_t>(kernels::kCudaWorkspace));
  record.device_memory = device_memory(before, resource, *record.workspace);
  observation.finish(resource, record);
  return record;
}

}  // namespace

Record run(const CudaDevice& device, const Job& job, const Options& options) {
  Observation observation(options);
  const Before before = begin(device);
  require_room(plan_of(job), before.memory);
  Record record = measure_on(device, job, options, observation, before);
  record.device = device.name;
  record.compute_capability = device.compute_capability;
  std::vector<SoftwareVersion> software = common_software();
  for (SoftwareVersion& more : cuda_software()) software.push_back(std::move(more));
  record.software.insert(record.software.begin(), software.begin(), software.end());
  if (!before.context) {
    record.notes.emplace_back("what the context takes is not known: no second process could use the device");
  }
  return record;
}

}  // namespace headroom::measure::cuda

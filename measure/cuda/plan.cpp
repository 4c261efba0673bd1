#include "plan.h"

#include <fmt/format.h>

#include <headroom/kernels/cuda/cuda.h>
#include <headroom/measure/cache_shape.h>
#include <headroom/measure/optimizer_states.h>
#include <headroom/measure/resource.h>
#include <headroom/measure/weights.h>
#include <headroom/models/checked.h>
#include <headroom/models/format.h>

namespace headroom::measure::cuda {
namespace {

constexpr std::int64_t kFp32Bytes = 4;
constexpr std::int64_t kBf16Bytes = 2;

/// Master copy and optimizer's states of a parameter.
Bytes bytes_of_states(const Job& job, const Parameter& parameter) {
  const Shape shape{1, parameter.rows, parameter.width};
  Bytes bytes;
  if (job.precision == Precision::bf16_mixed) bytes += checked_mul(shape.rows, shape.width) * Bytes(kFp32Bytes);
  for (const StateKind& state : states_of(job.optimizer, shape, parameter.form)) {
    bytes += checked_mul(state.shape.rows, state.shape.width) * Bytes(kernels::size_of(state.type));
  }
  return bytes;
}

/// What inference keeps of all layers' keys and values.
Bytes bytes_of_cache(const Job& job) {
  Bytes bytes;
  for (const LayerKind* kind : kinds_by_layer(job.model)) {
    const CacheShape of = cache_shape(job, *kind);
    const std::int64_t rows = checked_mul(of.shape.batch, of.shape.rows);
    bytes += checked_mul(of.tensors, checked_mul(rows, of.shape.width)) * Bytes(kernels::size_of(of.type));
  }
  return bytes;
}

std::string line(std::string_view name, Bytes bytes) {
  return fmt::format("{:<12} {:>20} bytes ({})\n", name, format_grouped(bytes.count()), format_bytes(bytes));
}

}  // namespace

Plan plan_of(const Job& job) {
  validate(job.model);
  Weights weights = describe_weights(job.model, job.seq.count());
  std::int64_t elements = 0;
  Bytes states;
  for_each_parameter(weights, [&](const Parameter& parameter) {
    elements = checked_add(elements, checked_mul(parameter.rows, parameter.width));
    states += bytes_of_states(job, parameter);
  });
  const Bytes compute(job.precision == Precision::fp32 ? kFp32Bytes : kBf16Bytes);
  const Bytes parameters = elements * compute;
  const Bytes workspace(static_cast<std::int64_t>(kernels::kCudaWorkspace));
  if (job.mode == Mode::inference) return {parameters, {}, {}, {}, workspace, bytes_of_cache(job)};
  const Bytes offloaded =
      (job.method.offload_optimizer ? states : Bytes()) + (job.method.offload_parameters ? parameters : Bytes());
  return {parameters, parameters, states, offloaded, workspace, {}};
}

std::string text_of(const Job& job, const Plan& plan) {
  const std::string head = fmt::format("{} at {} tokens with {}", job.model.name, job.seq.count(), job.method.name);
  if (job.mode == Mode::inference) {
    return fmt::format("{}, inference, {}, batch {}\n", head, name_of(job.precision), job.batch) +
           line("parameters", plan.parameters) + line("KV cache", plan.cache) + line("workspace", plan.workspace);
  }
  return fmt::format("{}, recompute {}, {}, batch {}\n", head, format_recompute(job.recompute), name_of(job.precision),
                     job.batch) +
         line("parameters", plan.parameters) + line("gradients", plan.gradients) + line("states", plan.states) +
         (plan.offloaded == Bytes() ? "" : line("on the host", plan.offloaded)) + line("workspace", plan.workspace);
}

std::string text_of(const CudaDevice& device, const MemoryReading& memory) {
  return fmt::format("device {}: {}, compute capability {}\n", device.index, device.name, device.compute_capability) +
         line("free", memory.free) + line("total", memory.total);
}

void require_room(const Plan& plan, const MemoryReading& memory) {
  const Bytes least = plan.persistent() + plan.workspace;
  if (least <= memory.free) return;
  throw RefusedAllocation(
      fmt::format("parameters, optimizer states or KV cache, and workspace take {} bytes ({}), and the device has {} "
                  "bytes ({}) free",
                  least.count(), format_bytes(least), memory.free.count(), format_bytes(memory.free)));
}

}  // namespace headroom::measure::cuda

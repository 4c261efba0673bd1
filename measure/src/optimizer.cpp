#include "optimizer.h"

#include "offload.h"
#include "units.h"
#include "update.h"

namespace headroom::measure {
namespace {

using kernels::View;

constexpr Label kGradientCopy{"copy of the gradient", Category::gradients};

void gradient_dies(Parameter& parameter) {
  parameter.gradient.dies();
  parameter.gradient_shard.dies();
}

/// On the host, what the rank updates of a tensor of the device. A part is as long as a shard on every rank.
struct HostCopy {
  Tensor tensor;
  View view;  ///< those elements of it that `from` has

  HostCopy(const Run& run, const Parameter& parameter, const Label& label, const View& from)
      : tensor(run.host->memory.tensor(label, from.type, shape_beside(run, parameter, run.shards_optimizer()))),
        view(from) {
    view.data = tensor.view().data;
    copy_to_host(run, view, from);
  }
};

void update_copy_on_host(const Run& run, Parameter& parameter, UpdateOperands of) {
  const View on_device = of.value;
  HostCopy gradient(run, parameter, kGradientCopy, of.gradient);
  gradient_dies(parameter);
  const HostCopy value(run, parameter, {"copy of the parameter", Category::parameters}, of.value);
  of.gradient = gradient.view;
  of.value = value.view;
  update(run, of);
  run.state_backend().synchronize();
  copy_to_device(run, on_device, value.view);
  gradient.tensor.dies();
}

void update_offloaded(const Run& run, Parameter& parameter, UpdateOperands of) {
  const HostCopy gradient(run, parameter, kGradientCopy, of.gradient);
  gradient_dies(parameter);
  of.gradient = gradient.view;
  update(run, of);
  run.state_backend().synchronize();
}

void update_in_place(const Run& run, Parameter& parameter, const UpdateOperands& of) {
  update(run, of);
  gradient_dies(parameter);
}

void update_parameter(const Run& run, Parameter& parameter) {
  run.observer.has_gradient(parameter);
  const UpdateOperands of = run.shards_optimizer() ? operands_of_part(run, parameter) : whole_operands(run, parameter);
  if (run.offloads_parameters()) {
    update_offloaded(run, parameter, of);
  } else if (run.offloads_states()) {
    update_copy_on_host(run, parameter, of);
  } else {
    update_in_place(run, parameter, of);
  }
  const bool gathers = run.shards_optimizer() && !run.shards_parameters();
  if (gathers) run.communicator.states().gather_parts(parameter.value.view());
}

}  // namespace

void optimizer_step(const Run& run, Weights& weights) {
  if (run.job.optimizer.in_backward) return;
  run.enter({"optimizer step", {}});
  for_each_parameter(weights, [&](Parameter& parameter) { update_parameter(run, parameter); });
}

void finish_backward(const Run& run, const Unit& unit) {
  hand_out_gradients(run, unit);
  if (!run.job.optimizer.in_backward) return;
  for (Parameter* parameter : unit) {
    reduce_gradient(run, *parameter);
    update_parameter(run, *parameter);
  }
}

}  // namespace headroom::measure

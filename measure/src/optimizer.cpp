#include "optimizer.h"

#include "offload.h"
#include "units.h"

namespace headroom::measure {
namespace {

using kernels::View;

constexpr Label kGradientCopy{"copy of the gradient", Category::gradients};

/// What an optimizer step reads and writes of a parameter: all of it, or the rank's part.
struct Operands {
  View value, master, first_moment, second_moment, gradient;
};

/// The parameter where it persists.
const Tensor& persistent(const Run& run, const Parameter& p) {
  return run.fetches_parameters() ? p.persistent : p.value;
}

Operands whole(const Run& run, const Parameter& p) {
  return {persistent(run, p).view(), p.master.view(), p.first_moment.view(), p.second_moment.view(), p.gradient.view()};
}

/// Of a tensor that is whole or a shard, empty where there is none.
View part_of_state(const Tensor& tensor, const Part& part, bool is_shard) {
  return tensor ? elements_of(tensor, is_shard ? 0 : part.first, part.count) : View();
}

Operands part_of_rank(const Run& run, const Parameter& p) {
  const Part part = part_of(run, p);
  const Tensor& gradient = run.shards_gradients() ? p.gradient_shard : p.gradient;
  return {part_of_state(persistent(run, p), part, run.shards_parameters()), part_of_state(p.master, part, true),
          part_of_state(p.first_moment, part, true), part_of_state(p.second_moment, part, true),
          part_of_state(gradient, part, run.shards_gradients())};
}

void update(const Run& run, const Operands& of) {
  if (of.value.elements() == 0) return;
  if (run.job.optimizer.kind == OptimizerKind::sgd) {
    run.state_backend().sgd(of.value, of.master, {}, of.gradient, run.training.sgd);
    return;
  }
  kernels::AdamW settings = run.training.adamw;
  settings.step = run.step;
  run.state_backend().adamw(of.value, of.master, of.first_moment, of.second_moment, of.gradient, settings);
}

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

void update_copy_on_host(const Run& run, Parameter& parameter, Operands of) {
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

void update_offloaded(const Run& run, Parameter& parameter, Operands of) {
  const HostCopy gradient(run, parameter, kGradientCopy, of.gradient);
  gradient_dies(parameter);
  of.gradient = gradient.view;
  update(run, of);
  run.state_backend().synchronize();
}

void update_in_place(const Run& run, Parameter& parameter, const Operands& of) {
  update(run, of);
  gradient_dies(parameter);
}

}  // namespace

void optimizer_step(const Run& run, Weights& weights) {
  const bool gathers = run.shards_optimizer() && !run.shards_parameters();
  for_each_parameter(weights, [&](Parameter& parameter) {
    run.observer.has_gradient(parameter);
    const Operands of = run.shards_optimizer() ? part_of_rank(run, parameter) : whole(run, parameter);
    if (run.offloads_parameters()) {
      update_offloaded(run, parameter, of);
    } else if (run.offloads_states()) {
      update_copy_on_host(run, parameter, of);
    } else {
      update_in_place(run, parameter, of);
    }
    if (gathers) run.communicator.states().gather_parts(parameter.value.view());
  });
}

}  // namespace headroom::measure

#include "persistent.h"

#include "linear.h"
#include "synthetic.h"
#include "units.h"

namespace headroom::measure {
namespace {

using kernels::View;

/// As large as the parameter, or as a shard of it.
Tensor beside(const Run& run, const Parameter& parameter, const Label& label, kernels::Type type, bool is_sharded) {
  if (is_sharded) return shard_of(run, parameter, label, type);
  return run.memory.tensor(label, type, {1, parameter.rows, parameter.width});
}

Tensor moment(const Run& run, const Parameter& parameter, std::string_view name) {
  const bool is_fp32 = run.job.optimizer.states == StateDType::fp32;
  Tensor moment = beside(run, parameter, {name, Category::optimizer_state},
                         is_fp32 ? kernels::Type::fp32 : kernels::Type::bf16, run.shards_optimizer());
  run.backend.zero(moment.view());
  return moment;
}

/// The parameter's first values, or the rank's part of them.
void fill(const Run& run, const Tensor& tensor, const Parameter& parameter, std::uint64_t number, bool is_shard) {
  const Part part = is_shard ? part_of(run, parameter) : Part{0, tensor.view().elements(), 0};
  fill_initial(run.memory, elements_of(tensor, 0, part.count), part.first, parameter.initial, run.training.seed,
               number);
}

void birth(const Run& run, Parameter& parameter, std::uint64_t number) {
  Tensor& value = run.shards_parameters() ? parameter.shard : parameter.value;
  value = beside(run, parameter, {parameter.kind, Category::parameters}, run.compute, run.shards_parameters());
  fill(run, value, parameter, number, run.shards_parameters());
  if (run.job.precision == Precision::bf16_mixed) {
    parameter.master =
        beside(run, parameter, {"master copy", Category::optimizer_state}, kernels::Type::fp32, run.shards_optimizer());
    fill(run, parameter.master, parameter, number, run.shards_optimizer());
  }
  if (run.job.optimizer.kind != OptimizerKind::adamw) return;
  parameter.first_moment = moment(run, parameter, "first moment");
  parameter.second_moment = moment(run, parameter, "second moment");
}

/// What an optimizer step reads and writes of a parameter: all of it, or the rank's part.
struct Operands {
  View value, master, first_moment, second_moment, gradient;
};

Operands whole(const Parameter& p) {
  return {p.value.view(), p.master.view(), p.first_moment.view(), p.second_moment.view(), p.gradient.view()};
}

/// Of a tensor that is whole or a shard, empty where there is none.
View part_of_state(const Tensor& tensor, const Part& part, bool is_shard) {
  return tensor ? elements_of(tensor, is_shard ? 0 : part.first, part.count) : View();
}

Operands part_of_rank(const Run& run, const Parameter& p) {
  const Part part = part_of(run, p);
  const Tensor& value = run.shards_parameters() ? p.shard : p.value;
  const Tensor& gradient = run.shards_gradients() ? p.gradient_shard : p.gradient;
  return {part_of_state(value, part, run.shards_parameters()), part_of_state(p.master, part, true),
          part_of_state(p.first_moment, part, true), part_of_state(p.second_moment, part, true),
          part_of_state(gradient, part, run.shards_gradients())};
}

void update(const Run& run, const Operands& of) {
  if (of.value.elements() == 0) return;
  if (run.job.optimizer.kind == OptimizerKind::sgd) {
    run.backend.sgd(of.value, of.master, of.gradient, run.training.sgd_rate);
    return;
  }
  kernels::AdamW settings = run.training.adamw;
  settings.step = run.step;
  run.backend.adamw(of.value, of.master, of.first_moment, of.second_moment, of.gradient, settings);
}

}  // namespace

void birth_persistent(const Run& run, Weights& weights) {
  std::uint64_t number = 0;
  for_each_parameter(weights, [&](Parameter& parameter) { birth(run, parameter, number++); });
}

void birth_gradients(const Run& run, Weights& weights) {
  for_each_parameter(weights, [&](Parameter& parameter) {
    if (run.shards_gradients()) {
      parameter.gradient_shard = shard_of(run, parameter, {parameter.kind, Category::gradients}, run.compute);
      return;
    }
    (void)write_gradient(run, parameter);
    parameter.is_written = false;
  });
}

void optimizer_step(const Run& run, Weights& weights) {
  const bool gathers = run.shards_optimizer() && !run.shards_parameters();
  for_each_parameter(weights, [&](Parameter& parameter) {
    run.observer.has_gradient(parameter);
    update(run, run.shards_optimizer() ? part_of_rank(run, parameter) : whole(parameter));
    parameter.gradient.dies();
    parameter.gradient_shard.dies();
    if (gathers) run.communicator.all().gather_parts(parameter.value.view());
  });
}

}  // namespace headroom::measure

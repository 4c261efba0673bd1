#include "persistent.h"

#include "linear.h"
#include "synthetic.h"

namespace headroom::measure {
namespace {

Tensor beside(const Run& run, const Parameter& parameter, std::string_view name, Category category,
              kernels::Type type) {
  return run.memory.tensor({name, category}, type, {1, parameter.rows, parameter.width});
}

Tensor moment(const Run& run, const Parameter& parameter, std::string_view name) {
  const bool is_fp32 = run.job.optimizer.states == StateDType::fp32;
  Tensor moment =
      beside(run, parameter, name, Category::optimizer_state, is_fp32 ? kernels::Type::fp32 : kernels::Type::bf16);
  run.backend.zero(moment.view());
  return moment;
}

void birth(const Run& run, Parameter& parameter, std::uint64_t number) {
  const std::uint64_t seed = run.training.seed;
  parameter.value = beside(run, parameter, parameter.kind, Category::parameters, run.compute);
  fill_initial(run.memory, parameter.value, parameter.initial, seed, number);
  if (run.job.precision == Precision::bf16_mixed) {
    parameter.master = beside(run, parameter, "master copy", Category::optimizer_state, kernels::Type::fp32);
    fill_initial(run.memory, parameter.master, parameter.initial, seed, number);
  }
  if (run.job.optimizer.kind != OptimizerKind::adamw) return;
  parameter.first_moment = moment(run, parameter, "first moment");
  parameter.second_moment = moment(run, parameter, "second moment");
}

void update(const Run& run, Parameter& parameter) {
  kernels::Backend& backend = run.backend;
  if (run.job.optimizer.kind == OptimizerKind::sgd) {
    backend.sgd(parameter.value.view(), parameter.master.view(), parameter.gradient.view(), run.training.sgd_rate);
    return;
  }
  kernels::AdamW settings = run.training.adamw;
  settings.step = run.step;
  backend.adamw(parameter.value.view(), parameter.master.view(), parameter.first_moment.view(),
                parameter.second_moment.view(), parameter.gradient.view(), settings);
}

}  // namespace

void birth_persistent(const Run& run, Weights& weights) {
  std::uint64_t number = 0;
  for_each_parameter(weights, [&](Parameter& parameter) { birth(run, parameter, number++); });
}

void birth_gradients(const Run& run, Weights& weights) {
  for_each_parameter(weights, [&](Parameter& parameter) {
    (void)write_gradient(run, parameter);
    parameter.is_written = false;
  });
}

void optimizer_step(const Run& run, Weights& weights) {
  for_each_parameter(weights, [&](Parameter& parameter) {
    run.observer.has_gradient(parameter);
    update(run, parameter);
    parameter.gradient.dies();
  });
}

}  // namespace headroom::measure

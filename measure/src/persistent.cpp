#include "persistent.h"

#include <headroom/measure/optimizer_states.h>

#include "linear.h"
#include "synthetic.h"
#include "units.h"

namespace headroom::measure {
namespace {

Tensor state_of(const Run& run, std::string_view name, kernels::Type type, const Shape& shape) {
  return run.state_memory().tensor({name, Category::optimizer_state}, type, shape);
}

void birth_states(const Run& run, Parameter& parameter) {
  const Shape shape = shape_beside(run, parameter, run.shards_optimizer());
  for (const StateKind& kind : states_of(run.job.optimizer, shape, parameter.form)) {
    Tensor& state = parameter.states.*kind.tensor;
    state = state_of(run, kind.name, kind.type, kind.shape);
    run.state_backend().zero(state.view());
  }
}

/// The parameter's first values, or the rank's part of them.
struct Filling {
  const Run& run;
  const Parameter& parameter;
  std::uint64_t number;  ///< of the parameter

  void fill(Memory& memory, const Tensor& tensor, bool is_shard) const {
    const Part part = is_shard ? part_of(run, parameter) : Part{0, tensor.view().elements(), 0};
    fill_initial(memory, elements_of(tensor, 0, part.count), part.first, parameter, run.training.seed, number);
  }
};

void birth_value(const Run& run, Parameter& parameter, std::uint64_t number) {
  Tensor& value = run.fetches_parameters() ? parameter.persistent : parameter.value;
  value = run.parameter_memory().tensor({parameter.kind, Category::parameters}, run.compute,
                                        shape_beside(run, parameter, run.shards_parameters()));
  Filling{run, parameter, number}.fill(run.parameter_memory(), value, run.shards_parameters());
}

void birth_master(const Run& run, Parameter& parameter, std::uint64_t number) {
  if (run.job.precision != Precision::bf16_mixed) return;
  parameter.master =
      state_of(run, "master copy", kernels::Type::fp32, shape_beside(run, parameter, run.shards_optimizer()));
  Filling{run, parameter, number}.fill(run.state_memory(), parameter.master, run.shards_optimizer());
}

}  // namespace

void birth_parameters(const Run& run, Weights& weights) {
  std::uint64_t number = 0;
  for_each_parameter(weights, [&](Parameter& parameter) { birth_value(run, parameter, number++); });
}

void birth_persistent(const Run& run, Weights& weights) {
  std::uint64_t number = 0;
  for_each_parameter(weights, [&](Parameter& parameter) {
    birth_value(run, parameter, number);
    birth_master(run, parameter, number++);
    birth_states(run, parameter);
  });
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

}  // namespace headroom::measure

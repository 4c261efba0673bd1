#include "units.h"

#include <cstddef>

#include "offload.h"

namespace headroom::measure {
namespace {

using kernels::View;

/// Where the rank's gradient is a part of a sum over tensor ranks, it becomes that.
void sum_over_tensor_ranks(const Run& run, Parameter& parameter) {
  if (parameter.summed_ranks == 1) return;
  run.communicator.tensor(parameter.summed_ranks).all_reduce(parameter.gradient.view());
}

/// The sum over the ranks of what a micro-batch gave is added to those of the ones before.
void accumulate(const Run& run, Parameter& parameter) {
  Tensor received =
      shard_of(run, parameter, {"received gradient shard", Category::communication}, parameter.gradient.view().type);
  run.communicator.states().reduce_scatter_parts(received.view(), parameter.gradient.view());
  parameter.gradient.dies();
  const std::int64_t count = part_of(run, parameter).count;
  if (count == 0) return;
  const View sum = elements_of(parameter.gradient_shard, 0, count), addend = elements_of(received, 0, count);
  if (run.micro_batch == 0) {
    run.backend.convert(sum, addend);
  } else {
    run.backend.add(sum, addend);
  }
}

void hand_out(const Run& run, Parameter& parameter) {
  const View whole = parameter.gradient.view();
  parameter.gradient_shard = shard_of(run, parameter, {parameter.kind, Category::gradients}, whole.type);
  run.communicator.states().reduce_scatter_parts(parameter.gradient_shard.view(), whole);
  parameter.gradient.dies();
}

}  // namespace

Part part_of(const Run& run, const Parameter& parameter) {
  const RankGroup& ranks = run.communicator.states();
  return part_of(parameter.rows * parameter.width, ranks.rank(), ranks.size());
}

View elements_of(const Tensor& tensor, std::int64_t first, std::int64_t count) {
  const View& all = tensor.view();
  return kernels::whole_view(static_cast<std::byte*>(all.data) + first * kernels::size_of(all.type), all.type, 1, 1,
                             count);
}

Shape shape_beside(const Run& run, const Parameter& parameter, bool is_sharded) {
  if (!is_sharded) return {1, parameter.rows, parameter.width};
  return {1, 1, part_of(run, parameter).length};
}

Tensor shard_of(const Run& run, const Parameter& parameter, const Label& label, kernels::Type type) {
  return run.memory.tensor(label, type, shape_beside(run, parameter, true));
}

Tensor whole_value(const Run& run, const Parameter& parameter) {
  Tensor copy;
  if (run.offloads_parameters()) copy = fetched(run, {parameter.kind, Category::parameters}, parameter.persistent);
  if (!run.shards_parameters()) return copy;
  Tensor whole =
      run.memory.tensor({parameter.kind, Category::communication}, run.compute, {1, parameter.rows, parameter.width});
  const Tensor& shard = copy ? copy : parameter.persistent;
  run.communicator.states().gather_parts(whole.view(), shard.view());
  return whole;
}

void hand_out_gradients(const Run& run, const Unit& unit) {
  if (!run.shards_gradients()) return;
  for (Parameter* parameter : unit) {
    sum_over_tensor_ranks(run, *parameter);
    if (run.job.accumulate) {
      accumulate(run, *parameter);
    } else {
      hand_out(run, *parameter);
    }
  }
}

void reduce_gradient(const Run& run, Parameter& parameter) {
  if (run.place.ranks == 1 || run.shards_gradients()) return;
  sum_over_tensor_ranks(run, parameter);
  if (run.place.state_ranks() > 1) run.communicator.states().all_reduce(parameter.gradient.view());
}

void reduce_gradients(const Run& run, Weights& weights) {
  if (run.place.ranks == 1 || run.shards_gradients() || run.job.optimizer.in_backward) return;
  run.enter({"gradient reduction", {}});
  for_each_parameter(weights, [&](Parameter& parameter) { reduce_gradient(run, parameter); });
}

}  // namespace headroom::measure

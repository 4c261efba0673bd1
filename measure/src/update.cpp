#include "update.h"

#include "units.h"

namespace headroom::measure {
namespace {

using kernels::View;

/// The parameter where it persists.
const Tensor& persistent(const Run& run, const Parameter& p) {
  return run.fetches_parameters() ? p.persistent : p.value;
}

/// Of a tensor that is one piece, empty where there is none.
View elements_or_none(const Tensor& tensor, std::int64_t first, std::int64_t count) {
  return tensor ? elements_of(tensor, first, count) : View();
}

void adamw(const Run& run, const UpdateOperands& of) {
  kernels::AdamW settings = run.training.adamw;
  settings.step = run.step;
  if (of.first_scales) {
    run.state_backend().adamw_8bit(of.value, of.master, {of.first_moment, of.first_scales},
                                   {of.second_moment, of.second_scales}, of.gradient, settings);
  } else {
    run.state_backend().adamw(of.value, of.master, of.first_moment, of.second_moment, of.gradient, settings);
  }
}

void adafactor(const Run& run, const UpdateOperands& of) {
  kernels::Adafactor settings = run.training.adafactor;
  settings.step = run.step;
  run.state_backend().adafactor(
      of.value, of.master, {of.momentum, of.second_moment, of.row_averages, of.column_averages}, of.gradient, settings);
}

}  // namespace

UpdateOperands whole_operands(const Run& run, const Parameter& p) {
  const OptimizerStates& states = p.states;
  return {persistent(run, p).view(),   p.master.view(),
          p.gradient.view(),           states.momentum.view(),
          states.first_moment.view(),  states.first_scales.view(),
          states.second_moment.view(), states.second_scales.view(),
          states.row_averages.view(),  states.column_averages.view()};
}

UpdateOperands operands_of_part(const Run& run, const Parameter& p) {
  const Part part = part_of(run, p);
  const auto of_shard = [&](const Tensor& shard) { return elements_or_none(shard, 0, part.count); };
  const auto scales = [&](const Tensor& shard) {
    return elements_or_none(shard, 0, kernels::moment_blocks(part.count));
  };
  const auto of_whole = [&](const Tensor& whole) { return elements_or_none(whole, part.first, part.count); };
  UpdateOperands of;
  of.value = run.shards_parameters() ? of_shard(p.persistent) : of_whole(persistent(run, p));
  of.master = of_shard(p.master);
  of.gradient = run.shards_gradients() ? of_shard(p.gradient_shard) : of_whole(p.gradient);
  of.momentum = of_shard(p.states.momentum);
  of.first_moment = of_shard(p.states.first_moment);
  of.first_scales = scales(p.states.first_scales);
  of.second_moment = of_shard(p.states.second_moment);
  of.second_scales = scales(p.states.second_scales);
  return of;
}

void update(const Run& run, const UpdateOperands& of) {
  if (of.value.elements() == 0) return;
  switch (run.job.optimizer.kind) {
    case OptimizerKind::adamw: return adamw(run, of);
    case OptimizerKind::adafactor: return adafactor(run, of);
    case OptimizerKind::sgd:
      return run.state_backend().sgd(of.value, of.master, of.momentum, of.gradient, run.training.sgd);
  }
}

}  // namespace headroom::measure

#include <headroom/measure/optimizer_states.h>

#include <headroom/kernels/optimizer.h>
#include <headroom/models/checked.h>

namespace headroom::measure {
namespace {

using kernels::Type;

/// Moments of fewer elements, and those of tables, are fp32 where others are in 8 bits.
constexpr std::int64_t kLeastQuantised = 4096;

constexpr std::string_view kFirstMoment = "first moment";
constexpr std::string_view kSecondMoment = "second moment";

Type moment_type(StateDType states) { return states == StateDType::bf16 ? Type::bf16 : Type::fp32; }

std::vector<StateKind> moments(StateDType states, const Shape& shape, Form form) {
  const std::int64_t elements = checked_mul(shape.rows, shape.width);
  if (states != StateDType::int8 || form == Form::table || elements < kLeastQuantised) {
    return {{&OptimizerStates::first_moment, kFirstMoment, moment_type(states), shape},
            {&OptimizerStates::second_moment, kSecondMoment, moment_type(states), shape}};
  }
  const Shape blocks{1, 1, kernels::moment_blocks(elements)};
  return {{&OptimizerStates::first_moment, kFirstMoment, Type::uint8, shape},
          {&OptimizerStates::first_scales, "scales of the first moment", Type::fp32, blocks},
          {&OptimizerStates::second_moment, kSecondMoment, Type::uint8, shape},
          {&OptimizerStates::second_scales, "scales of the second moment", Type::fp32, blocks}};
}

std::vector<StateKind> momentum(Momentum momentum, const Shape& shape) {
  if (momentum == Momentum::none) return {};
  return {{&OptimizerStates::momentum, "momentum", momentum == Momentum::bf16 ? Type::bf16 : Type::fp32, shape}};
}

std::vector<StateKind> adafactor_states(const Optimizer& optimizer, const Shape& shape, Form form) {
  std::vector<StateKind> states = momentum(optimizer.momentum, shape);
  if (optimizer.factored && form != Form::vector) {
    states.push_back({&OptimizerStates::row_averages, "row averages", Type::fp32, {1, 1, shape.rows}});
    states.push_back({&OptimizerStates::column_averages, "column averages", Type::fp32, {1, 1, shape.width}});
  } else {
    states.push_back({&OptimizerStates::second_moment, kSecondMoment, Type::fp32, shape});
  }
  return states;
}

}  // namespace

std::vector<StateKind> states_of(const Optimizer& optimizer, const Shape& shape, Form form) {
  switch (optimizer.kind) {
    case OptimizerKind::adamw: return moments(optimizer.states, shape, form);
    case OptimizerKind::adafactor: return adafactor_states(optimizer, shape, form);
    case OptimizerKind::sgd: return momentum(optimizer.momentum, shape);
  }
  return {};
}

bool has_states(const Optimizer& optimizer) {
  return optimizer.kind != OptimizerKind::sgd || optimizer.momentum != Momentum::none;
}

}  // namespace headroom::measure

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <headroom/kernels/view.h>
#include <headroom/measure/tensor.h>
#include <headroom/models/job.h>

namespace headroom::measure {

/// What an optimizer tells apart: a weight of a product, the embedding and the position table, what is no matrix.
enum class Form : std::uint8_t { product, table, vector };

/// What an optimizer keeps of a parameter beside a master copy. A tensor that the job does not have stays empty.
struct OptimizerStates {
  Tensor momentum;
  Tensor first_moment;  ///< codes, where there are scales
  Tensor first_scales;
  Tensor second_moment;  ///< codes, where there are scales
  Tensor second_scales;
  Tensor row_averages;  ///< of a second moment, in its place
  Tensor column_averages;
};

/// One of them, not yet born.
struct StateKind {
  Tensor OptimizerStates::*tensor = nullptr;
  std::string_view name;  ///< a literal
  kernels::Type type = kernels::Type::fp32;
  Shape shape;
};

/// The states of a parameter of this shape, or of a shard of one, in the order of docs/runtime.md section 2.
[[nodiscard]] std::vector<StateKind> states_of(const Optimizer& optimizer, const Shape& shape, Form form);

/// Whether the optimizer keeps any.
[[nodiscard]] bool has_states(const Optimizer& optimizer);

}  // namespace headroom::measure

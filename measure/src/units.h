#pragma once

#include "run.h"

/// What the ranks do with the states that they share out (docs/runtime.md section 10.2), and with gradients of which
/// each tensor rank has a part of the sum (section 10.3). Where nothing is shared out, these do nothing.
namespace headroom::measure {

/// The rank's part of a parameter.
[[nodiscard]] Part part_of(const Run& run, const Parameter& parameter);
/// Elements of a tensor that is one piece, as a vector.
[[nodiscard]] kernels::View elements_of(const Tensor& tensor, std::int64_t first, std::int64_t count);
/// As large as the parameter, or as a shard of it.
[[nodiscard]] Shape shape_beside(const Run& run, const Parameter& parameter, bool is_sharded);
/// A tensor as long as a shard of the parameter.
[[nodiscard]] Tensor shard_of(const Run& run, const Parameter& parameter, const Label& label, kernels::Type type);

/// Where parameters are fetched for their unit's work: births the whole of one, gathered from the ranks' shards, copied
/// from the host, or both (docs/runtime.md sections 10.2 and 11).
[[nodiscard]] Tensor whole_value(const Run& run, const Parameter& parameter);

/// Where gradients are sharded: hands the unit's gradients out, which die.
void hand_out_gradients(const Run& run, const Unit& unit);
/// Where a gradient is whole on several ranks: it becomes its sum over the ranks.
void reduce_gradient(const Run& run, Parameter& parameter);
/// The same of all of them, behind the last backward; nothing, where updates go in backward.
void reduce_gradients(const Run& run, Weights& weights);

}  // namespace headroom::measure

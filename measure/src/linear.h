#pragma once

#include "run.h"

namespace headroom::measure {

/// Births the gradient where it does not live yet. Returns how to write to it, once.
[[nodiscard]] kernels::Write write_gradient(const Run& run, Parameter& parameter);

/// The values of an optional parameter, or an empty view.
[[nodiscard]] kernels::ConstView value_of(const std::optional<Parameter>& parameter);

/// Births the product of a weight, with as many rows as x.
[[nodiscard]] Tensor born_product(const Run& run, const Label& label, const kernels::ConstView& x,
                                  const Linear& linear);
void forward(const Run& run, const kernels::View& out, const kernels::ConstView& x, const Linear& linear);
/// The rank's part of a product that is summed over the tensor ranks: the first one's has the bias.
void forward_part(const Run& run, const kernels::View& out, const kernels::ConstView& x, const Linear& linear,
                  kernels::Write write = kernels::Write::set);
/// Adds to the gradient of a weight, and of a weight and its bias.
void weight_gradient(const Run& run, Parameter& weight, const kernels::ConstView& x, const kernels::ConstView& dy);
void weight_gradient(const Run& run, Linear& linear, const kernels::ConstView& x, const kernels::ConstView& dy);
/// dx = or += dy weight^T.
void input_gradient(const Run& run, const kernels::View& dx, const kernels::ConstView& dy, const Linear& linear,
                    kernels::Write write);

}  // namespace headroom::measure

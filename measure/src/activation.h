#pragma once

#include "layer_site.h"
#include "pass.h"

namespace headroom::measure {

/// Births the activated tensor of `gate`, which may be empty, and `up`; where the pass discards it is one of these two,
/// and the other dies.
void activate(const LayerSite& site, Tensor& gate, Tensor& up, Tensor& activated, const Pass& pass,
              std::string_view name);
/// Leaves the gradients of gate and up in them.
void activation_backward(const LayerSite& site, Tensor& gate, Tensor& up, Tensor d_activated);

}  // namespace headroom::measure

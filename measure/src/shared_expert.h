#pragma once

#include "crossing.h"
#include "experts_state.h"
#include "layer_site.h"
#include "pass.h"

/// The feed-forward that every token passes beside its experts (docs/runtime.md section 6), where the layer has it.
namespace headroom::measure {

/// From the norm's output, which ends behind the last product that reads it, to the activated tensor, times the gate.
void shared_inner(const LayerSite& site, ProductInput& x, SharedExpertState& state, const Pass& pass);
/// Adds to the branch's output. The state dies unless the pass keeps.
void shared_output(const LayerSite& site, const kernels::View& out, SharedExpertState& state, const Pass& pass);

/// Births the gradient of the activated tensor from that of the branch.
[[nodiscard]] Tensor shared_output_backward(const LayerSite& site, const kernels::ConstView& dy,
                                            const SharedExpertState& state);
/// Adds to the gradient of the norm's output, `dx`. The norm's output ends behind the last weight gradient, the state
/// dies.
void shared_backward(const LayerSite& site, ProductInput& x, const kernels::View& dx, Tensor d_activated,
                     SharedExpertState& state);

}  // namespace headroom::measure

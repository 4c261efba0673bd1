#pragma once

#include "feed_forward.h"

/// A mixture of experts in the place of a feed-forward (docs/runtime.md section 6), between the norm and the branch.
namespace headroom::measure {

/// From the norm's output, `x`, which ends behind its last reader, to the next layer's rows.
void experts_block(const LayerSite& site, ProductInput& x, const kernels::ConstView& r, const Target& target,
                   const Rows& block, FeedForwardState& state, const Pass& pass);
/// The same again, keeping, without its output.
void experts_again(const LayerSite& site, ProductInput& x, const Rows& block, FeedForwardState& state);
/// `target` takes the gradient of the norm's output; the state dies but for the norm's statistics.
void experts_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                      const kernels::View& residual_gradient, const Target& target);

}  // namespace headroom::measure

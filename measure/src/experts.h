#pragma once

#include "feed_forward.h"

/// A mixture of experts in the place of a feed-forward (docs/runtime.md section 6), between the norm and the branch.
namespace headroom::measure {

/// From the norm's output, `x`, which ends behind its last reader, to the next layer's rows.
void experts_block(const LayerSite& site, ProductInput& x, const kernels::ConstView& r, const Target& target,
                   const Rows& block, FeedForwardState& state, const Pass& pass);
/// The same again, keeping, without its output.
void experts_again(const LayerSite& site, ProductInput& x, const Rows& block, FeedForwardState& state);
/// Births the gradient of the norm's output, of `rows` rows; the state dies but for the norm's statistics.
[[nodiscard]] Tensor experts_backward(const LayerSite& site, FeedForwardState& state,
                                      const kernels::View& residual_gradient, std::int64_t rows);

}  // namespace headroom::measure

#pragma once

#include "branch.h"
#include "experts_state.h"
#include "layer_site.h"
#include "norm.h"
#include "pass.h"

namespace headroom::measure {

/// What the feed-forward of some rows leaves behind.
struct FeedForwardState {
  Normed normed;
  Tensor gate;  ///< only with a gated activation
  Tensor up;
  Tensor activated;
  ExpertsState experts;  ///< only with experts
  BranchState branch;
};

/// What the first products read: the norm's output. `dies` when they no longer read it.
[[nodiscard]] ProductInput feed_forward_input(const LayerSite& site, FeedForwardState& state, bool dies);

/// A feed-forward block (docs/runtime.md section 6): rows `block` of the sequence, whose r is given.
void feed_forward_block(const LayerSite& site, const kernels::ConstView& r, const Target& target, const Rows& block,
                        FeedForwardState& state, const Pass& pass);
/// The block's forward again, keeping, without its output.
void feed_forward_again(const LayerSite& site, const kernels::ConstView& r, const Rows& block, FeedForwardState& state);
/// Updates the block's residual gradient in place; the state dies.
void feed_forward_backward(const LayerSite& site, const kernels::ConstView& r, FeedForwardState& state,
                           const kernels::View& residual_gradient);

/// Where rows of the next layer's input go, which spans the sequence.
[[nodiscard]] Target output_rows(const LayerSite& site, Tensor& output, const Rows& block);

/// How a layer that is not blockwise runs its feed-forward. One object a way; none holds anything.
class FeedForwardWay {
 public:
  FeedForwardWay() = default;
  FeedForwardWay(const FeedForwardWay&) = delete;
  FeedForwardWay& operator=(const FeedForwardWay&) = delete;
  virtual ~FeedForwardWay() = default;

  /// Births the output. r dies where the pass discards.
  virtual void forward(const LayerSite& site, Tensor& r, Tensor& output, FeedForwardState& state,
                       const Pass& pass) const = 0;
  /// What the recompute of a segment's last layer does.
  virtual void again(const LayerSite& site, const Tensor& r, FeedForwardState& state) const = 0;
  /// Updates the residual gradient in place; r dies.
  virtual void backward(const LayerSite& site, Tensor& r, FeedForwardState& state,
                        const Tensor& residual_gradient) const = 0;
};

[[nodiscard]] const FeedForwardWay& whole_feed_forward();
[[nodiscard]] const FeedForwardWay& chunked_feed_forward();

}  // namespace headroom::measure

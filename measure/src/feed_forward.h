#pragma once

#include "branch.h"
#include "experts_state.h"
#include "layer_site.h"
#include "norm.h"
#include "pass.h"

namespace headroom::measure {

struct LayerState;

/// What a feed-forward block reads of its layer, some rows.
struct FeedForwardInput {
  kernels::ConstView x;         ///< what its norm reads
  kernels::View normed;         ///< where both branches have one norm: its output, and there is no x
  kernels::ConstView residual;  ///< r, which the branch is added to; read only for the output
  Tensor* dying = nullptr;      ///< of x or the norm's output, what dies behind the last operation that reads it

  [[nodiscard]] std::int64_t rows() const { return normed ? normed.rows : x.rows; }
};

/// What the feed-forward of some rows leaves behind.
struct FeedForwardState {
  Normed normed;
  Tensor gate;  ///< only with a gated activation
  Tensor up;
  Tensor activated;
  ExpertsState experts;  ///< only with experts
  BranchState branch;
};

/// What the first products read again in backward: the norm's output, which ends behind them.
[[nodiscard]] ProductInput norm_output_again(const LayerSite& site, const FeedForwardInput& input,
                                             FeedForwardState& state);

/// A feed-forward block (docs/runtime.md section 6): rows `block` of the sequence.
void feed_forward_block(const LayerSite& site, const FeedForwardInput& input, const Target& target, const Rows& block,
                        FeedForwardState& state, const Pass& pass);
/// The block's forward again, keeping, without its output.
void feed_forward_again(const LayerSite& site, const FeedForwardInput& input, const Rows& block,
                        FeedForwardState& state);
/// Updates the block's residual gradient in place, or where branches are parallel writes to `waiting` what waits for
/// the attention's norm; the state dies.
void feed_forward_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                           const kernels::View& residual_gradient, const Target& waiting);

/// Rows of the gradient of the norm's output, of `all_rows`.
[[nodiscard]] Target norm_output_gradient(const LayerSite& site, Tensor& tensor, std::int64_t all_rows,
                                          const Rows& rows);

/// Where rows of the next layer's input go, which spans the sequence.
[[nodiscard]] Target output_rows(const LayerSite& site, Tensor& output, const Rows& block);

/// How a layer that is not blockwise runs its feed-forward. One object a way; none holds anything.
class FeedForwardWay {
 public:
  FeedForwardWay() = default;
  FeedForwardWay(const FeedForwardWay&) = delete;
  FeedForwardWay& operator=(const FeedForwardWay&) = delete;
  virtual ~FeedForwardWay() = default;

  /// Births the output. r dies unless backward reads it, and where branches are parallel x dies unless it stays.
  virtual void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
                       Tensor& output) const = 0;
  /// What the recompute of a segment's last layer does.
  virtual void again(const LayerSite& site, LayerState& state) const = 0;
  /// Updates the residual gradient in place, or leaves what waits for the attention's norm; r dies.
  virtual void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const = 0;
};

[[nodiscard]] const FeedForwardWay& whole_feed_forward();
[[nodiscard]] const FeedForwardWay& chunked_feed_forward();

}  // namespace headroom::measure

#pragma once

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// Where both branches read the layer's input: what the feed-forward's backward leaves until attention's has read the
/// residual gradient (runtime policy: parallel branches). Nothing in other layers.
class WaitingGradient {
 public:
  WaitingGradient(const LayerContext& ctx, Extent rows) : ctx_(ctx), rows_(rows) {}

  /// In front of the attention norm's backward: the gradient of the one norm's output takes it.
  template <class S>
  void joins_norm_output(S& story) const {
    if (ctx_.one_norm) story.dies(tensor());
  }
  /// Behind the attention norm's backward: the residual gradient takes it.
  template <class S>
  void joins_stream(S& story) const {
    if (ctx_.parallel && !ctx_.one_norm) story.dies(tensor());
  }

  [[nodiscard]] Tensor tensor() const {
    return {kRole, rows_.symbol, ctx_.residual(rows_), ctx_.compute, Category::feed_forward};
  }

  static constexpr Role kRole{"d feed-forward norm output", "b·#·h", "runtime policy: norms"};

 private:
  const LayerContext& ctx_;
  Extent rows_;
};

}  // namespace headroom::sim

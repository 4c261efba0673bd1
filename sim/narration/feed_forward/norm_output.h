#pragma once

#include "narration/attention/tensors.h"
#include "narration/layer/context.h"
#include "narration/layer/waiting_gradient.h"
#include "narration/story.h"

namespace headroom::sim {

/// Which of the rows that the attention in front of it has a block of the feed-forward has.
enum class OfAttention : std::uint8_t { all_rows, some_rows };

/// What the products of a feed-forward block read: the output of its own norm, or the one norm's of both branches.
class NormOutput {
 public:
  NormOutput(const LayerContext& ctx, Extent rows, OfAttention of_attention, Category category)
      : NormOutput(ctx, rows, of_attention, category, ctx.residual(rows)) {}

  /// The block's own norm.
  template <class S>
  void forward(S& story, bool keeps) const {
    if (ctx_.one_norm) return;
    story.born(out_);
    story.born_if(keeps, statistics_);
  }

  /// Around the products that read it; it dies where this is `done` with it.
  template <class S>
  void enter(S& story, bool done) const {
    crossing_.enter(story, out_, done);
  }
  template <class S>
  void entered(S& story, bool done) const {
    crossing_.entered(story, out_, done);
  }
  /// The one norm's output outlives the block where other blocks read it, and backward where attention's does.
  [[nodiscard]] bool forward_is_done(bool keeps) const { return !keeps && (!ctx_.one_norm || has_all_rows_); }
  [[nodiscard]] bool backward_is_done() const { return !ctx_.one_norm; }

  /// Around the products that add to its gradient.
  template <class S>
  void begin_gradient(S& story, bool first) const {
    crossing_.begin_sum(story, gradient_, bears_gradient(first));
  }
  template <class S>
  void finish_gradient(S& story, bool first) const {
    crossing_.finish_sum(story, gradient_, bears_gradient(first));
  }

  /// The own norm's backward: into the stream's gradient, or over the gradient that waits.
  template <class S>
  void backward(S& story, bool first) const {
    if (ctx_.one_norm) return;
    story.writes_gradients(ctx_.weights.ffn_norm, first);
    story.dies(statistics_);
    story.dies_if(!ctx_.parallel, gradient_);
  }

 private:
  NormOutput(const LayerContext& ctx, Extent rows, OfAttention of_attention, Category category, const Shape& shape)
      : ctx_(ctx),
        has_all_rows_(of_attention == OfAttention::all_rows),
        crossing_(ctx.plan, rows, kGatheredInput),
        out_(ctx.one_norm ? AttentionNorm::kOut : kOut, rows.symbol, shape, ctx.compute,
             ctx.one_norm && category == Category::feed_forward ? Category::attention : category),
        statistics_(kStatistics, rows.symbol, ctx.statistics(rows), DType::fp32, category),
        gradient_(ctx.parallel && !has_all_rows_
                      ? WaitingGradient(ctx, ctx.plan.whole()).tensor()
                      : Tensor(WaitingGradient::kRole, rows.symbol, shape, ctx.compute, Category::feed_forward)) {}

  /// Where it waits for attention's backward it spans all rows of that.
  [[nodiscard]] bool bears_gradient(bool first) const { return first || !ctx_.parallel || has_all_rows_; }

  const LayerContext& ctx_;
  bool has_all_rows_;
  Crossing crossing_;
  Tensor out_, statistics_, gradient_;

  static constexpr Role kOut{"feed-forward norm output", "b·#·h", "Korthikanti et al. 4.1: first linear's input"};
  static constexpr Role kStatistics{"feed-forward norm statistics", "b·#·n",
                                    "runtime policy: norms save row statistics"};
};

}  // namespace headroom::sim

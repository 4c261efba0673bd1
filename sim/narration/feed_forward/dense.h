#pragma once

#include "narration/feed_forward/intermediate.h"
#include "narration/feed_forward/norm_output.h"
#include "narration/layer/branch.h"

namespace headroom::sim {

/// One feed-forward for every token, from its norm's output to the branch (Korthikanti et al. 4.1, "MLP").
class DenseFeedForward {
 public:
  /// `rows` as products see them.
  DenseFeedForward(const LayerContext& ctx, Extent rows, Category category)
      : weights_(ctx.weights),
        rows_(ctx, kRoles, rows.symbol, Shape(ctx.b, rows.tokens, ctx.part.ffn_hidden), category) {}

  template <class S>
  void forward(S& story, const NormOutput& norm_out, const Branch& branch, const Tensor& x, bool keeps,
               Output output) const {
    norm_out.enter(story, norm_out.forward_is_done(keeps));
    rows_.begin(story);
    norm_out.entered(story, norm_out.forward_is_done(keeps));
    rows_.activate(story, keeps);
    branch.forward(story, rows_.output(keeps), x, keeps, output);
  }

  /// From the stream's gradient to that of the norm's output.
  template <class S>
  void backward(S& story, const NormOutput& norm_out, const Branch& branch, bool first) const {
    branch.backward_begin(story, first);
    story.writes_gradients(weights_.down, first);
    story.dies(rows_.activated);
    story.born(rows_.d_activated);
    branch.backward_end(story);
    rows_.activation_backward(story);
    norm_out.enter(story, norm_out.backward_is_done());
    if (rows_.gated) story.writes_gradients(weights_.gate, first);
    story.writes_gradients(weights_.up, first);
    norm_out.entered(story, norm_out.backward_is_done());
    norm_out.begin_gradient(story, first);
    rows_.gradients_die(story);
    norm_out.finish_gradient(story, first);
  }

 private:
  static constexpr IntermediateRoles kRoles{
      {"gate", "b·#·f", "SwiGLU, arXiv 2002.05202"},
      {"up", "b·#·f", "Korthikanti et al. 4.1: GeLU's input"},
      {"activation output", "b·#·f", "Korthikanti et al. 4.1: second linear's input"},
      {"d activation output", "b·#·f", "runtime policy: elementwise gradients in place"}};

  const LayerWeights& weights_;
  Intermediate rows_;
};

}  // namespace headroom::sim

#pragma once

#include "narration/distribution/crossing.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// Whether a branch writes its output, and whether it is the first that does.
enum class Output : std::uint8_t { absent, first_written, written_further };

/// Block by block: the first one bears the output of all.
[[nodiscard]] constexpr Output written(bool first) { return first ? Output::first_written : Output::written_further; }

/// Where a branch (attention or feed-forward) joins the residual stream: dropout, a post-norm where the model has one,
/// and the residual sum, all in place in the branch's output.
struct Branch {
  /// What a pass keeps is of category `kept`; the gradient is the part's own.
  Branch(const LayerContext& ctx, Extent rows, Category kept, Category part, const NormWeights& post_norm_weights)
      : crossing(ctx.plan, rows, kGatheredGradient),
        norm(post_norm_weights),
        post_norm(ctx.kind.post_norms),
        dropout(ctx.dropout),
        ctx_(ctx),
        rows_(rows),
        kept_(kept),
        part_(part) {}

  Crossing crossing;
  const NormWeights& norm;
  bool post_norm;
  bool dropout;

  /// The last product of the branch reads `input`, which dies unless the pass keeps; `sum` (r or the next x) takes the
  /// residual in place. Without an output the mask and the post-norm's input are all that a keeping pass leaves.
  template <class S>
  void forward(S& story, const Tensor& input, const Tensor& sum, bool keeps, Output output) const {
    forward(story, sum, keeps, output, [&] { story.dies_if(!keeps, input); });
  }

  /// The same of a branch that ends in more than a product: what happens once its output is there, until it is
  /// complete.
  template <class S, class Completed>
  void forward(S& story, const Tensor& sum, bool keeps, Output output, Completed completed) const {
    const bool bears_sum = output == Output::first_written;
    if (post_norm) {
      multiply(story, product(), true, completed);
    } else if (output != Output::absent) {
      multiply(story, sum, bears_sum, completed);
    } else {
      completed();
    }
    if (dropout && keeps) story.born(mask());
    if (!post_norm) return;
    if (keeps) story.born(statistics());
    story.born_if(bears_sum, sum);
    if (!keeps) story.dies(product());
  }

  [[nodiscard]] bool has_gradient() const { return post_norm || dropout; }

  /// From the stream's gradient to the product's; reads what a keeping forward left.
  template <class S>
  void backward_begin(S& story, bool first) const {
    if (!has_gradient()) return crossing.enter(story);
    story.born(gradient());
    if (post_norm) {
      story.writes_gradients(norm, first);
      story.dies(product());
      story.dies(statistics());
    }
    if (dropout) story.dies(mask());
    crossing.enter(story, gradient(), true);
  }

  template <class S>
  void backward_end(S& story) const {
    if (!has_gradient()) return crossing.entered(story);
    crossing.entered(story, gradient(), true);
  }

 private:
  template <class S, class Completed>
  void multiply(S& story, const Tensor& out, bool bears, Completed completed) const {
    crossing.begin_sum(story, out, bears);
    completed();
    crossing.finish_sum(story, out, bears);
  }

  /// The last product, apart from the stream only in front of a post-norm.
  [[nodiscard]] Tensor product() const { return residual(kProduct, ctx_.compute, kept_); }
  /// Of the post-norm.
  [[nodiscard]] Tensor statistics() const {
    return {kStatistics, rows_.symbol, ctx_.statistics(rows_), DType::fp32, kept_};
  }
  /// Kept by passes that keep; redrawn from the counter-based generator by the others.
  [[nodiscard]] Tensor mask() const { return residual(kMask, DType::uint8, kept_); }
  /// Of the product, where it differs from the stream's gradient.
  [[nodiscard]] Tensor gradient() const { return residual(kGradient, ctx_.compute, part_); }
  [[nodiscard]] Tensor residual(const Role& role, DType type, Category category) const {
    return {role, rows_.symbol, ctx_.residual(rows_), type, category};
  }

  const LayerContext& ctx_;
  Extent rows_;
  Category kept_;
  Category part_;

  static constexpr Role kProduct{"post-norm input", "b·#·h", "Gemma 2, arXiv 2408.00118"};
  static constexpr Role kStatistics{"post-norm statistics", "b·#·n", "runtime policy: norms save row statistics"};
  static constexpr Role kMask{"residual dropout mask", "b·#·h", "Korthikanti et al. 4.1"};
  static constexpr Role kGradient{"branch gradient", "b·#·h", "runtime policy: branches"};
};

}  // namespace headroom::sim

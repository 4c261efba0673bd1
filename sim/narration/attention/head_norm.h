#pragma once

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// The norm of queries or of keys, head by head (Qwen3, arXiv 2505.09388 section 2): the product in front of it, raw q
/// or raw k, is a tensor of its own. Nothing but the product itself where the model has no such norm.
class HeadNorm {
 public:
  /// Over `rows` of the rank's tokens; what a pass keeps is of category `kept`.
  static HeadNorm of_queries(const LayerContext& ctx, Extent rows, Category kept) {
    return {ctx, rows, ctx.heads, kRawQuery, ctx.weights.query_norm, kept};
  }
  static HeadNorm of_keys(const LayerContext& ctx, Extent rows, Category kept) {
    return {ctx, rows, ctx.kv_heads, kRawKey, ctx.weights.key_norm, kept};
  }

  /// The product, and its norm `out` (q or k) where this pass `bears` it.
  template <class S>
  void forward(S& story, const Tensor& out, bool keeps, bool bears = true) const {
    if (!present_) return story.born_if(bears, out);
    story.born(raw());
    story.born_if(bears, out);
    story.born_if(keeps, statistics());
    story.dies_if(!keeps, raw());
  }

  /// Within backward, what its own backward reads, where forward kept nothing of it.
  template <class S>
  void recompute(S& story) const {
    if (!present_) return;
    story.born(raw());
    story.born(statistics());
  }

  /// Over the gradient of q or k, in place.
  template <class S>
  void backward(S& story, bool first) const {
    if (!present_) return;
    story.writes_gradients(weights_, first);
    story.dies(raw());
    story.dies(statistics());
  }

 private:
  HeadNorm(const LayerContext& ctx, Extent rows, std::int64_t heads, const Role& role, const NormWeights& weights,
           Category kept)
      : ctx_(ctx),
        rows_(rows),
        heads_(heads),
        role_(role),
        weights_(weights),
        kept_(kept),
        present_(ctx.kind.qk_norm) {}

  [[nodiscard]] Tensor raw() const {
    return {role_, rows_.symbol, Shape(ctx_.b, rows_.tokens, heads_, ctx_.kind.head_dim), ctx_.compute, kept_};
  }
  [[nodiscard]] Tensor statistics() const {
    const Shape shape(ctx_.b, rows_.tokens, heads_, ctx_.row_statistics);
    return {&role_ == &kRawQuery ? kQueryStatistics : kKeyStatistics, rows_.symbol, shape, DType::fp32, kept_};
  }

  const LayerContext& ctx_;
  Extent rows_;
  std::int64_t heads_;
  const Role& role_;
  const NormWeights& weights_;
  Category kept_;
  bool present_;

  static constexpr Role kRawQuery{"raw q", "b·#·a·d", "Qwen3, arXiv 2505.09388 section 2"};
  static constexpr Role kRawKey{"raw k", "b·#·k·d", "Qwen3, arXiv 2505.09388 section 2"};
  static constexpr Role kQueryStatistics{"query norm statistics", "b·#·a·n",
                                         "runtime policy: norms save row statistics"};
  static constexpr Role kKeyStatistics{"key norm statistics", "b·#·k·n", "runtime policy: norms save row statistics"};
};

}  // namespace headroom::sim

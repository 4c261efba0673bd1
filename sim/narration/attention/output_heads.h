#pragma once

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// What W_o reads: o, or of latent attention, whose core has values as wide as keys, narrow o (DeepSeek-V2, arXiv
/// 2405.04434 section 2.1).
class OutputHeads {
 public:
  /// Over `rows` of the rank's tokens; what a pass keeps is of category `kept`.
  OutputHeads(const LayerContext& ctx, Extent rows, Category kept)
      : ctx_(ctx),
        rows_(rows),
        kept_(kept),
        is_narrow_(ctx.kind.latent && ctx.kind.latent->value_head_dim < ctx.kind.head_dim) {}

  /// o as the core bears it, which no pass keeps where narrow o is all that is read of it.
  [[nodiscard]] Tensor of_core(Tensor o, bool backward_reads_o) const {
    if (is_narrow_ && !backward_reads_o) o.category = Category::attention;
    return o;
  }

  /// Returns what the product reads. o stays where backward reads it.
  template <class S>
  Tensor forward(S& story, const Tensor& o, bool o_stays) const {
    if (!is_narrow_) return o;
    story.born(narrow(kNarrow, kept_));
    story.dies_if(!o_stays, o);
    return narrow(kNarrow, kept_);
  }

  /// Behind the gradient of W_o. `o_dies`: backward does not read o.
  template <class S>
  void is_read(S& story, const Tensor& o, bool o_dies) const {
    if (is_narrow_) return story.dies(narrow(kNarrow, kept_));
    story.dies_if(o_dies, o);
  }
  /// By the product with W_o; `product_done` behind it.
  template <class S, class ProductDone>
  void gradient_born(S& story, const Tensor& d_o, ProductDone product_done) const {
    if (!is_narrow_) {
      story.born(d_o);
      return product_done();
    }
    story.born(narrow(kDNarrow, Category::attention));
    product_done();
    story.born(d_o);
    story.dies(narrow(kDNarrow, Category::attention));
  }

 private:
  [[nodiscard]] Tensor narrow(const Role& role, Category category) const {
    const Shape shape(ctx_.b, rows_.tokens, ctx_.heads, ctx_.kind.latent->value_head_dim);
    return {role, rows_.symbol, shape, ctx_.compute, category};
  }

  const LayerContext& ctx_;
  Extent rows_;
  Category kept_;
  bool is_narrow_;

  static constexpr const char* kSource = "DeepSeek-V2, arXiv 2405.04434 section 2.1";
  static constexpr Role kNarrow{"narrow o", "b·#·a·e", kSource};
  static constexpr Role kDNarrow{"d narrow o", "b·#·a·e", kSource};
};

}  // namespace headroom::sim

#pragma once

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// How the tensors between the products of a feed-forward are known.
struct IntermediateRoles {
  Role gate, up, activated, d_activated;
};

/// The rows of a feed-forward between its products: gate and up, and what the activation makes of them. SwiGLU and
/// GeGLU (arXiv 2002.05202) have a gate beside the up projection.
struct Intermediate {
  Intermediate(const LayerContext& ctx, const IntermediateRoles& roles, Symbols symbol, const Shape& shape,
               Category category)
      : gate(roles.gate, symbol, shape, ctx.compute, category),
        up(roles.up, symbol, shape, ctx.compute, category),
        activated(roles.activated, symbol, shape, ctx.compute, category),
        d_activated(roles.d_activated, symbol, shape, ctx.compute, Category::feed_forward),
        gated(is_gated(ctx.kind.activation)) {}

  Tensor gate, up, activated, d_activated;
  bool gated;

  /// The products into it.
  template <class S>
  void begin(S& story) const {
    story.born_if(gated, gate);
    story.born(up);
  }
  /// A pass that discards writes over the first operand.
  template <class S>
  void activate(S& story, bool keeps) const {
    story.born_if(keeps, activated);
    story.dies_if(!keeps && gated, up);
  }
  /// What the last product reads.
  [[nodiscard]] const Tensor& output(bool keeps) const { return keeps ? activated : gated ? gate : up; }

  /// Gated: d_gate over gate, d_up over up; else d_up over d_activated.
  template <class S>
  void activation_backward(S& story) const {
    story.dies(gated ? d_activated : up);
  }
  /// The gradients that the products into it read.
  template <class S>
  void gradients_die(S& story) const {
    story.dies_if(gated, gate);
    story.dies(gated ? up : d_activated);
  }
};

}  // namespace headroom::sim

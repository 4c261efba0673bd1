#pragma once

#include "branch.h"
#include "core_site.h"
#include "run.h"

namespace headroom::measure {

/// One layer of the model within a step.
struct LayerSite {
  const Run& run;
  std::int64_t index = 0;
  const LayerKind& kind;  ///< with the heads and the feed-forward width that the rank has
  LayerWeights& weights;

  [[nodiscard]] std::int64_t query_width() const { return kind.heads * kind.head_dim; }
  [[nodiscard]] std::int64_t kv_width() const { return kind.kv_heads * kind.head_dim; }
  [[nodiscard]] kernels::Heads heads() const {
    return {kind.heads, kind.kv_heads, kind.head_dim, true, kind.window.value_or(0)};
  }
  [[nodiscard]] bool has_rope() const { return run.job.model.positions == Positions::rope; }
  /// What the model rotates of rows of so many heads.
  [[nodiscard]] kernels::Rotary rotary(std::int64_t of_heads) const {
    const std::int64_t dim = kind.latent ? kind.latent->rope_head_dim : kind.rotary_dim.value_or(kind.head_dim);
    return {of_heads, kind.head_dim, kind.latent ? kind.head_dim - dim : 0, dim};
  }

  /// Whether both branches read the layer's input.
  [[nodiscard]] bool is_parallel() const { return kind.residual == Residual::parallel || shares_norm(); }
  /// Whether both branches read the same norm's output.
  [[nodiscard]] bool shares_norm() const { return kind.residual == Residual::parallel_shared_norm; }

  [[nodiscard]] Branch attention_branch() const;
  [[nodiscard]] Branch feed_forward_branch() const;
  /// The rank's heads, what its products see as queries and as keys: consecutive tokens.
  [[nodiscard]] CoreSite core_site() const { return core_site(run.place.product_tokens.piece(0)); }
  /// The same with these tokens of the sequence.
  [[nodiscard]] CoreSite core_site(const Rows& tokens) const;
};

}  // namespace headroom::measure

#pragma once

#include "branch.h"
#include "layer_site.h"
#include "norm.h"
#include "pass.h"

namespace headroom::measure {

/// What the attention of some rows leaves behind; what a core does not use stays empty.
struct AttentionState {
  Normed normed;
  Tensor q, k, v, o;
  Tensor logsumexp;       ///< flash and blockwise
  Tensor scores;          ///< vanilla
  Tensor scores_mask;     ///< vanilla with dropout
  Tensor dropped_scores;  ///< vanilla with dropout
  Tensor o_over_heads;    ///< Ulysses, where the core's backward reads it
  BranchState branch;
};

/// Gradients that attention's backward makes.
struct AttentionGradients {
  Tensor o, q, k, v;
};

inline constexpr NormLabels kAttentionNorm{"attention norm output", "attention norm statistics", Category::attention};

/// A linear of the norm's output, and the rotary embedding where `heads` > 0 and the model has one.
[[nodiscard]] Tensor project(const LayerSite& site, const Label& label, const kernels::ConstView& x,
                             const Linear& linear, std::int64_t rope_heads, const Rows& block);
[[nodiscard]] Tensor project_query(const LayerSite& site, const kernels::ConstView& x, const Rows& block,
                                   Category category);
void rope_backward(const LayerSite& site, const kernels::View& dx, std::int64_t heads, const Rows& block);

/// Attention of the whole sequence, with its residual sum: docs/runtime.md section 5. Births r.
void attention_forward(const LayerSite& site, const Tensor& x, Tensor& r, AttentionState& state, const Pass& pass);
/// Updates the residual gradient in place.
void attention_backward(const LayerSite& site, const Tensor& x, AttentionState& state,
                        const kernels::View& residual_gradient);

}  // namespace headroom::measure

#pragma once

#include <vector>

#include "branch.h"
#include "head_projection.h"
#include "latent_attention.h"
#include "layer_site.h"
#include "norm.h"
#include "pass.h"

namespace headroom::measure {

/// What FPDT has on the host of a chunk of the sequence.
struct ChunkOnHost {
  Tensor q, k, v, o, logsumexp;
  Tensor d_o, delta;  ///< within backward
  Tensor dq_sum;      ///< within backward, between key chunks
};

/// What the attention of some rows leaves behind; what a core does not use stays empty.
struct AttentionState {
  Normed normed;
  RawHeads raw_q, raw_k;  ///< where queries and keys have norms
  LatentState latents;
  Tensor q, k, v, o;
  kernels::View cached_keys, cached_values;  ///< what the core reads in the place of k and v; empty: these
  Tensor narrow_o;                           ///< where values are narrower than keys
  Tensor logsumexp;                          ///< flash and blockwise
  Tensor scores;                             ///< vanilla
  Tensor scores_mask;                        ///< vanilla with dropout
  Tensor dropped_scores;                     ///< vanilla with dropout
  Tensor o_over_heads;                       ///< Ulysses, where the core's backward reads it
  BranchState branch;
  Tensor waiting;                    ///< parallel branches, within backward: the feed-forward's gradient
  std::vector<ChunkOnHost> on_host;  ///< FPDT, where nothing else lives between passes

  /// What the core's forward reads.
  [[nodiscard]] const kernels::View& keys() const { return cached_keys ? cached_keys : k.view(); }
  [[nodiscard]] const kernels::View& values() const { return cached_values ? cached_values : v.view(); }
};

/// Gradients that attention's backward makes.
struct AttentionGradients {
  Tensor o, q, k, v;
};

inline constexpr NormLabels kAttentionNorm{"attention norm output", "attention norm statistics", Category::attention};

/// Births q.
void project_query(const LayerSite& site, const kernels::ConstView& x, const Rows& rows, Category category,
                   const Pass& pass, AttentionState& state);
/// q, k and v of some of the tokens that products see; the norm's output dies unless the pass keeps.
void project_all(const LayerSite& site, AttentionState& state, const Rows& rows, const Pass& pass);
/// What the output product reads of attention.
[[nodiscard]] Tensor& output_of(const LayerSite& site, AttentionState& state);
/// From the core's o to what the output product reads, where that is another tensor: narrow o, where values are
/// narrower than keys; o dies unless it stays.
void narrow_output(const LayerSite& site, AttentionState& state, bool o_stays, const Pass& pass);
/// Through the output product, behind whose weight's gradient o dies if it is said to. Returns the gradient of o.
[[nodiscard]] Tensor output_backward(const LayerSite& site, Tensor& o, bool o_dies, BranchState& branch,
                                     const kernels::View& residual_gradient);
/// Through the rotary embedding.
void rope_backward(const LayerSite& site, const AttentionGradients& gradients, const Rows& rows);
/// The products that read the attention norm's output, in order: those of q, k and v, or with latent attention those of
/// the query latent (of q, where it has none), of the latent, and of the rope key.
struct InputProducts {
  Linear &query, &key, &value;
};
[[nodiscard]] InputProducts input_products(const LayerSite& site);
/// Through the latents, where there are any: the gradients become those of what the input products give.
void latents_backward(const LayerSite& site, LatentState& latents, AttentionGradients& gradients);
/// Through the products of q, k and v and the norm of x; updates the residual gradient in place. The norm's output and
/// statistics, what waits, and the gradients die.
void projections_backward(const LayerSite& site, const kernels::ConstView& x, AttentionState& state,
                          AttentionGradients& gradients, const kernels::View& residual_gradient);
/// Through the norm of x, from the gradient of its output; takes what waits.
void attention_norm_backward(const LayerSite& site, const kernels::ConstView& x, AttentionState& state, Tensor gradient,
                             const kernels::View& residual_gradient);

/// How a layer that is not blockwise runs its attention. One object a way; none holds anything.
class AttentionWay {
 public:
  AttentionWay() = default;
  AttentionWay(const AttentionWay&) = delete;
  AttentionWay& operator=(const AttentionWay&) = delete;
  virtual ~AttentionWay() = default;

  /// With the residual sum: births r. Where both branches have one norm its output does not die.
  virtual void forward(const LayerSite& site, const Tensor& x, Tensor& r, AttentionState& state,
                       const Pass& pass) const = 0;
  /// Updates the residual gradient in place.
  virtual void backward(const LayerSite& site, const Tensor& x, AttentionState& state,
                        const Tensor& residual_gradient) const = 0;
};

/// Of all tokens at once: docs/runtime.md section 5.
[[nodiscard]] const AttentionWay& whole_attention();
/// Its forward again, keeping, without r.
void whole_attention_again(const LayerSite& site, const Tensor& x, AttentionState& state);
/// Chunk by chunk, what waits on the host: section 10.1, "FPDT".
[[nodiscard]] const AttentionWay& fpdt_attention();

}  // namespace headroom::measure

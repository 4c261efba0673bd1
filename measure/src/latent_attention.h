#pragma once

#include "layer_site.h"
#include "norm.h"
#include "pass.h"

/// Latent attention (docs/runtime.md section 5): queries, keys and values by way of latents, which have norms of their
/// own.
namespace headroom::measure {

/// What a latent leaves for backward.
struct Latent {
  Tensor raw;     ///< what its norm reads
  Normed normed;  ///< the latent
};

struct LatentState {
  Latent query;  ///< where queries have one
  Latent key_value;
};

/// Births the latent of the queries, where they have one. Returns what the product of q reads: that, or `x`.
[[nodiscard]] kernels::ConstView query_input(const LayerSite& site, const kernels::ConstView& x, const Pass& pass,
                                             Latent& latent);
/// Births the raw latent of keys and values and the rope key, which it returns: the last products that read `x`, the
/// attention norm's output of `rows`.
[[nodiscard]] Tensor latent_and_rope_key(const LayerSite& site, const kernels::ConstView& x, const Rows& rows,
                                         const Pass& pass, Latent& latent);
/// Births the latent of keys and values from the raw one, which dies unless the pass keeps.
void normalize_latent(const LayerSite& site, const Pass& pass, Latent& latent);
/// From the raw latent and the rope key to keys and values; the rope key dies, the latent too unless the pass keeps.
void keys_and_values(const LayerSite& site, Tensor rope_key, const Target& k, const Target& v, const Pass& pass,
                     Latent& latent);
/// Births what backward reads of the latent of keys and values once more, where they have one.
void latent_again(const LayerSite& site, const kernels::ConstView& x, Latent& latent);

/// The gradients of a latent's keys and values. The tensors, which may be empty, die with them.
struct KeyValueGradients {
  kernels::View k, v;
  Tensor &own_k, &own_v;
};
/// The gradients of what products of the attention norm's output give.
struct LatentGradients {
  Tensor latent, rope_key;
};

/// The gradient of q becomes that of the raw latent of the queries, where they have one.
void query_latent_backward(const LayerSite& site, Tensor& dq, Latent& latent);
/// Through the products of keys and values and the norm of their latent, which dies.
[[nodiscard]] LatentGradients key_value_latent_backward(const LayerSite& site, const KeyValueGradients& gradients,
                                                        Latent& latent);

}  // namespace headroom::measure

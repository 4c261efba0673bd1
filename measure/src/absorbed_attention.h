#pragma once

#include "attention.h"

/// Latent attention over a cache of latents (docs/runtime.md section 13): heads are not projected from the cache, but
/// queries into the space of the latents, and outputs from it. Elsewhere nothing is absorbed.
namespace headroom::measure {

/// Whether the layer's attention is this.
[[nodiscard]] bool is_absorbed(const LayerSite& site);

/// From the raw latent and the rope key of some rows of the pass to the cache; both die.
void keep_latents(const LayerSite& site, Tensor rope_key, const Rows& rows, Latent& latent);
/// Where the layer's attention is absorbed, q becomes absorbed q.
void absorb_query(const LayerSite& site, AttentionState& state);
/// Births what the output product reads from absorbed o, which dies.
void project_absorbed(const LayerSite& site, AttentionState& state);

}  // namespace headroom::measure

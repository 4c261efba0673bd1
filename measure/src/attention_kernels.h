#pragma once

#include "core_site.h"

/// The kernels that drop scores. What they draw for a head is what they draw where all of the layer's heads are one
/// tensor: where a site has some of them, they are called for each entry of the batch.
namespace headroom::measure {

void drop_scores(const CoreSite& site, const kernels::View& out, const kernels::View& mask,
                 const kernels::ConstView& scores);
void flash(const CoreSite& site, const kernels::View& out, const kernels::View& logsumexp, const kernels::ConstView& q,
           const kernels::ConstView& k, const kernels::ConstView& v, const kernels::AttentionBlock& block);

/// Gradients of q, k and v.
struct CoreGradients {
  kernels::View q, k, v;
};
/// A tile for scores and one for their gradients.
struct Tiles {
  kernels::View scores, gradients;
};

void flash_backward(const CoreSite& site, const CoreGradients& gradients, kernels::Write write_kv,
                    const kernels::AttentionSaved& saved, const kernels::AttentionBlock& block);
void blocks_add(const CoreSite& site, const kernels::RunningAttention& running, const kernels::View& tile,
                const kernels::ConstView& q, const kernels::ConstView& k, const kernels::ConstView& v,
                const kernels::AttentionBlock& block);
void blocks_backward(const CoreSite& site, const CoreGradients& gradients, const Tiles& tiles,
                     const kernels::AttentionSaved& saved, const kernels::AttentionBlock& block);

}  // namespace headroom::measure

#pragma once

#include "layer_site.h"
#include "pass.h"

/// Latent attention whose values are narrower than its keys (docs/runtime.md section 5): the attention core sees heads
/// as wide as keys, with zeros behind each value, and the output product reads heads as wide as values.
namespace headroom::measure {

/// Whether values are narrower than keys.
[[nodiscard]] bool has_narrow_output(const LayerKind& kind);

/// `out` takes the heads of `narrow`, with zeros behind each.
void widen(const LayerSite& site, const kernels::View& out, const kernels::ConstView& narrow);
/// Births narrow o of o.
[[nodiscard]] Tensor narrowed(const LayerSite& site, const Tensor& o, const Pass& pass);
/// The gradient of narrow o becomes that of o.
void widen_gradient(const LayerSite& site, Tensor& d_o);
/// Births the gradient of the values of that of v, which is `all`; its tensor `dv`, which may be empty, dies.
[[nodiscard]] Tensor narrowed_gradient(const LayerSite& site, const kernels::ConstView& all, Tensor& dv);

}  // namespace headroom::measure

#include "narrow_output.h"

#include <utility>

#include "latent_heads.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;

/// Births the heads of `wide` without what lies behind each.
Tensor narrow_copy(const LayerSite& site, const Label& label, const ConstView& wide) {
  const LatentHeads heads(site.kind);
  Tensor narrow = site.run.activation(label, wide.rows, heads.narrow().heads * heads.narrow().head_dim);
  site.run.backend.copy_heads(narrow.view(), heads.narrow(), wide, heads.value());
  return narrow;
}

}  // namespace

bool has_narrow_output(const LayerKind& kind) { return kind.latent && kind.latent->value_head_dim < kind.head_dim; }

void widen(const LayerSite& site, const View& out, const ConstView& narrow) {
  const LatentHeads heads(site.kind);
  site.run.backend.copy_heads(out, heads.value(), narrow, heads.narrow());
  site.run.backend.zero_heads(out, heads.behind_value());
}

Tensor narrowed(const LayerSite& site, const Tensor& o, const Pass& pass) {
  return narrow_copy(site, {"narrow o", pass.category(Category::attention)}, o.view());
}

void widen_gradient(const LayerSite& site, Tensor& d_o) {
  Tensor wide = site.run.activation({"gradient of o", Category::attention}, d_o.view().rows, site.query_width());
  widen(site, wide.view(), d_o.view());
  d_o = std::move(wide);
}

Tensor narrowed_gradient(const LayerSite& site, const ConstView& all, Tensor& dv) {
  Tensor narrow = narrow_copy(site, {"gradient of the values", Category::attention}, all);
  dv.dies();
  return narrow;
}

}  // namespace headroom::measure

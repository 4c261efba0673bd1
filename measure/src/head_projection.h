#pragma once

#include "layer_site.h"
#include "pass.h"

/// From the attention norm's output to q or k, and back: product, norm over the heads where the model has one, rotary
/// embedding (docs/runtime.md section 5).
namespace headroom::measure {

/// The projection of q or of k; `raw` is what its norm reads.
struct HeadProjection {
  std::string_view raw;
  std::string_view statistics;
  Linear& linear;
  NormWeights* norm = nullptr;  ///< null: none
  std::int64_t heads = 1;
};

[[nodiscard]] HeadProjection query_projection(const LayerSite& site);
[[nodiscard]] HeadProjection key_projection(const LayerSite& site);

/// What the norm over the heads leaves for backward.
struct RawHeads {
  Tensor product;
  Tensor statistics;
};

/// `target` takes the projection of `x`, which are `rows` of what products see. What the norm reads dies unless the
/// pass keeps.
void project_heads(const LayerSite& site, const HeadProjection& of, const kernels::ConstView& x, const Rows& rows,
                   const Target& target, const Pass& pass, RawHeads& raw);
/// Births again what the norm's backward reads, where there is a norm.
void raw_heads_again(const LayerSite& site, const HeadProjection& of, const kernels::ConstView& x, RawHeads& raw);

/// Through the rotary embedding, in place.
void rope_backward(const LayerSite& site, const kernels::View& gradient, std::int64_t heads, const Rows& rows);
/// Through the norm where there is one, in place; `raw` dies.
void raw_heads_backward(const LayerSite& site, const HeadProjection& of, const kernels::View& gradient, RawHeads& raw);

}  // namespace headroom::measure

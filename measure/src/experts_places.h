#pragma once

#include "layer_site.h"

/// Tensors and products of places, the rows that experts read and write.
namespace headroom::measure {

/// [1, places, width] in compute dtype.
[[nodiscard]] inline Tensor places_tensor(const LayerSite& site, const Label& label, std::int64_t places,
                                          std::int64_t width) {
  return site.run.memory.tensor(label, site.run.compute, {1, places, width});
}

/// Births the copies of the rows of `x` at their places.
[[nodiscard]] inline Tensor placed_rows(const LayerSite& site, const kernels::ConstView& x, const Tensor& places,
                                        std::int64_t count) {
  Tensor placed = places_tensor(site, {"placed rows", Category::feed_forward}, count, x.width);
  site.run.backend.place_rows(placed.view(), x, places.view());
  return placed;
}

}  // namespace headroom::measure

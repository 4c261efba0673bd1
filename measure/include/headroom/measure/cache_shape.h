#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>
#include <headroom/measure/tensor.h>
#include <headroom/models/job.h>

namespace headroom::measure {

/// What inference keeps of one layer (docs/runtime.md section 13): tensors of one shape and type, keys and values, or
/// one of latents.
struct CacheShape {
  std::int64_t tensors = 2;
  kernels::Type type = kernels::Type::fp32;
  Shape shape;  ///< every sequence of the job, its rows, their width
};

/// `kind` has the heads that the rank has. The cache's type is one that kernels have.
[[nodiscard]] CacheShape cache_shape(const Job& job, const LayerKind& kind);

}  // namespace headroom::measure

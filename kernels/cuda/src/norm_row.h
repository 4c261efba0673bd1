#pragma once

#include <cstdint>

#include <headroom/kernels/backend.h>

#include "norm_rules.h"
#include "simt/pack.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

/// Of one row; RMSNorm has mean 0.
struct RowStatistics {
  float mean = 0;
  float inverse = 1;
};

[[nodiscard]] HEADROOM_HD inline RowStatistics load_statistics(NormKind kind, const ConstView& statistics,
                                                               std::int64_t row) {
  const float* values = static_cast<const float*>(statistics.data) + simt::row_begin(statistics, row);
  if (kind == NormKind::rmsnorm) return {0, values[0]};
  return {values[0], values[1]};
}

HEADROOM_HD inline void store_statistics(NormKind kind, const View& statistics, std::int64_t row,
                                         const RowStatistics& s) {
  float* values = static_cast<float*>(statistics.data) + simt::row_begin(statistics, row);
  if (kind == NormKind::layernorm) values[0] = s.mean;
  values[statistics_width(kind) - 1] = s.inverse;
}

}  // namespace headroom::kernels::cuda

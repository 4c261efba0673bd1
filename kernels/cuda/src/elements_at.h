#pragma once

#include <cstdint>

#include "simt/element.h"

namespace headroom::kernels::cuda {

/// Element `index` of an int32 view that is one piece.
[[nodiscard]] HEADROOM_HD inline std::int32_t& int32_at(const View& v, std::int64_t index) {
  return static_cast<std::int32_t*>(v.data)[index];
}
[[nodiscard]] HEADROOM_HD inline std::int32_t int32_at(const ConstView& v, std::int64_t index) {
  return static_cast<const std::int32_t*>(v.data)[index];
}

/// Column `column` of row `row` of [0, batch * rows).
[[nodiscard]] HEADROOM_HD inline std::int32_t& int32_at(const View& v, std::int64_t row, std::int64_t column) {
  return int32_at(v, simt::row_begin(v, row) + column);
}
[[nodiscard]] HEADROOM_HD inline std::int32_t int32_at(const ConstView& v, std::int64_t row, std::int64_t column) {
  return int32_at(v, simt::row_begin(v, row) + column);
}

/// The same of fp32.
[[nodiscard]] HEADROOM_HD inline float& fp32_at(const View& v, std::int64_t row, std::int64_t column) {
  return static_cast<float*>(v.data)[simt::row_begin(v, row) + column];
}
[[nodiscard]] HEADROOM_HD inline float fp32_at(const ConstView& v, std::int64_t row, std::int64_t column) {
  return static_cast<const float*>(v.data)[simt::row_begin(v, row) + column];
}

}  // namespace headroom::kernels::cuda

#pragma once

#include <cstdint>

#include "storage.h"

namespace headroom::kernels::host {

/// Column `column` of a row of an int32 view.
[[nodiscard]] inline std::int32_t& int32(const View& v, std::int64_t row, std::int64_t column) {
  return static_cast<std::int32_t*>(v.data)[row_begin(v, row) + column];
}
[[nodiscard]] inline std::int32_t int32(const ConstView& v, std::int64_t row, std::int64_t column) {
  return static_cast<const std::int32_t*>(v.data)[row_begin(v, row) + column];
}

}  // namespace headroom::kernels::host

#pragma once

#include <array>

#include "loops.h"

namespace headroom::kernels::host {

/// Columns that one thread sums over all rows: the order of the sum does not depend on the number of threads.
inline constexpr std::int64_t kStrip = 128;

using StripSums = std::array<double, kStrip>;

/// body(first column, columns) for each strip of a row.
template <class Body>
void for_each_strip(Pool& pool, std::int64_t width, const Body& body) {
  pool.run(parts_of(width, kStrip),
           [&](std::int64_t part, int) { body(part * kStrip, std::min(kStrip, width - part * kStrip)); });
}

/// Columns [column, column + n) of a vector take the sums.
inline void write_sums(const View& v, std::int64_t column, std::int64_t n, const StripSums& sums, Write how) {
  Segment values;
  for (std::int64_t i = 0; i < n; ++i) {
    values[static_cast<std::size_t>(i)] = static_cast<float>(sums[static_cast<std::size_t>(i)]);
  }
  write_row(v, 0, column, {values.data(), n}, how);
}

}  // namespace headroom::kernels::host

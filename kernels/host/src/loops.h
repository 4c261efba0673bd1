#pragma once

#include <algorithm>
#include <array>

#include "host_backend.h"
#include "storage.h"

namespace headroom::kernels::host {

/// Elements of a part: enough to outweigh handing it to a thread.
inline constexpr std::int64_t kPart = 16384;

/// Parts that `n` things make when each takes `each`.
[[nodiscard]] constexpr std::int64_t parts_of(std::int64_t n, std::int64_t each) { return (n + each - 1) / each; }

/// body(column, n) over [begin, end) in steps of at most `step` columns.
template <class Body>
void for_each_step(std::int64_t begin, std::int64_t end, std::int64_t step, const Body& body) {
  for (std::int64_t i = begin; i < end; i += step) body(i, std::min(step, end - i));
}

template <class Body>
void HostBackend::for_each_row(const ConstView& shape, const Body& body) {
  const std::int64_t rows = shape.batch * shape.rows;
  const std::int64_t each = std::max<std::int64_t>(1, kPart / std::max<std::int64_t>(1, shape.width));
  pool_.run(parts_of(rows, each), [&](std::int64_t part, int) {
    for (std::int64_t row = part * each; row < std::min(rows, (part + 1) * each); ++row) body(row);
  });
}

template <class Body>
void HostBackend::for_each_segment(const ConstView& shape, const Body& body) {
  const std::int64_t strips = parts_of(shape.width, kPart);
  const std::int64_t rows = shape.batch * shape.rows;
  const std::int64_t each = std::max<std::int64_t>(1, kPart / std::max<std::int64_t>(1, shape.width));
  pool_.run(strips * parts_of(rows, each), [&](std::int64_t part, int) {
    const std::int64_t begin = part % strips * kPart, first = part / strips * each;
    for (std::int64_t row = first; row < std::min(rows, first + each); ++row) {
      for_each_step(begin, std::min(shape.width, begin + kPart), kSegment,
                    [&](std::int64_t column, std::int64_t n) { body(row, column, n); });
    }
  });
}

template <class Sum, class Body>
Sum HostBackend::sum_over_segments(const ConstView& shape, const Body& body) {
  constexpr std::int64_t kMostParts = 256;
  std::array<Sum, kMostParts> sums{};
  const std::int64_t steps = parts_of(shape.width, kSegment), segments = shape.batch * shape.rows * steps;
  const std::int64_t parts = std::min(segments, kMostParts);
  pool_.run(parts, [&](std::int64_t part, int) {
    Sum& sum = sums[static_cast<std::size_t>(part)];
    for (std::int64_t i = segments * part / parts; i < segments * (part + 1) / parts; ++i) {
      const std::int64_t column = i % steps * kSegment;
      sum += body(i / steps, column, std::min(kSegment, shape.width - column));
    }
  });
  Sum total{};
  for (const Sum& sum : sums) total += sum;
  return total;
}

}  // namespace headroom::kernels::host

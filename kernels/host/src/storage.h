#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <Eigen/Core>

#include <headroom/kernels/view.h>

namespace headroom::kernels::host {

/// Most elements that are widened at once by elementwise loops.
inline constexpr std::int64_t kSegment = 1024;

/// fp32 values of a segment on the stack, and as Eigen sees them.
using Segment = std::array<float, kSegment>;
using Floats = Eigen::Map<Eigen::ArrayXf>;
using ConstFloats = Eigen::Map<const Eigen::ArrayXf>;

[[nodiscard]] inline float widen(std::uint16_t bf16) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16U);
}

/// Rounds to nearest even; a NaN stays one.
[[nodiscard]] inline std::uint16_t narrow(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  return static_cast<std::uint16_t>(std::isnan(value) ? 0x7FC0U : rounded);
}

/// `n` elements from `index` on, fp32 or bf16, as fp32: where they lie if they are fp32, else widened into `buffer`.
[[nodiscard]] const float* read(Type type, const void* data, std::int64_t index, std::int64_t n, float* buffer);

/// Writes or adds `n` values from `index` on, rounded.
void write(Type type, void* data, std::int64_t index, std::int64_t n, const float* values, Write how);

/// Where row `row` of [0, batch * rows) begins, in elements.
template <class Void>
[[nodiscard]] std::int64_t row_begin(const BasicView<Void>& v, std::int64_t row) {
  const std::int64_t entry = row / v.rows;
  return (entry == 0 ? 0 : entry * v.batch_stride) + (row - entry * v.rows) * v.width;
}

/// Columns [column, column + n) of a row, n <= kSegment.
[[nodiscard]] inline ConstFloats read_row(const ConstView& v, std::int64_t row, std::int64_t column, std::int64_t n,
                                          Segment& buffer) {
  return {read(v.type, v.data, row_begin(v, row) + column, n, buffer.data()), n};
}

inline void write_row(const View& v, std::int64_t row, std::int64_t column, const ConstFloats& values,
                      Write how = Write::set) {
  write(v.type, v.data, row_begin(v, row) + column, values.size(), values.data(), how);
}

/// One element of a view that is known to be fp32.
[[nodiscard]] inline float& fp32(const View& v, std::int64_t index) { return static_cast<float*>(v.data)[index]; }
[[nodiscard]] inline float fp32(const ConstView& v, std::int64_t index) {
  return static_cast<const float*>(v.data)[index];
}

}  // namespace headroom::kernels::host

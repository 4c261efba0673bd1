#pragma once

#include <cstdint>
#include <string>

namespace headroom::kernels::simt {

/// Blocks of a grid, or the place of one in it.
struct GridIndex {
  std::int64_t x = 1;
  std::int64_t y = 1;
  std::int64_t z = 1;

  bool operator==(const GridIndex&) const = default;
};

/// How a kernel is started.
struct LaunchShape {
  GridIndex blocks;  ///< x up to 2^31 - 1, y and z up to 65535
  int threads = 32;  ///< of a block, a multiple of 32
  int shared_bytes = 0;

  bool operator==(const LaunchShape&) const = default;
  /// Whether there is nothing to do: no operand has an element.
  [[nodiscard]] constexpr bool is_empty() const { return blocks.x == 0 || blocks.y == 0 || blocks.z == 0; }
};

/// "grid 128x8x1, 256 threads, 49152 B shared"
[[nodiscard]] std::string to_string(const LaunchShape& shape);

/// Smallest number of `part`s that cover `whole`.
[[nodiscard]] constexpr std::int64_t parts_of(std::int64_t whole, std::int64_t part) {
  return (whole + part - 1) / part;
}

/// A block for each row, with a thread for each `each` elements, in whole warps and at most `most`.
[[nodiscard]] constexpr LaunchShape one_block_each_row(std::int64_t rows, std::int64_t width, int each, int most,
                                                       int shared_bytes) {
  const std::int64_t threads = parts_of(width, std::int64_t{32} * each) * 32;
  return {{rows, 1, 1}, threads < 32 ? 32 : threads < most ? static_cast<int>(threads) : most, shared_bytes};
}

}  // namespace headroom::kernels::simt

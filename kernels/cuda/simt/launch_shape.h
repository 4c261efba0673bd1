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
};

/// "grid 128x8x1, 256 threads, 49152 B shared"
[[nodiscard]] std::string to_string(const LaunchShape& shape);

/// Smallest number of `part`s that cover `whole`.
[[nodiscard]] constexpr std::int64_t parts_of(std::int64_t whole, std::int64_t part) {
  return (whole + part - 1) / part;
}

/// A grid of blocks side by side with `threads` threads, one thread for each of `items`, at most `most` blocks: kernels
/// stride by the grid.
[[nodiscard]] constexpr LaunchShape one_thread_each(std::int64_t items, int threads = 256, std::int64_t most = 65535) {
  const std::int64_t blocks = parts_of(items, threads);
  return {{blocks < 1 ? 1 : blocks > most ? most : blocks, 1, 1}, threads, 0};
}

}  // namespace headroom::kernels::simt

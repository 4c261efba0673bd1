#pragma once

#include <string>

namespace headroom::kernels::cuda {

/// How the forward of one head size is cut for the tensor cores.
struct ForwardTile {
  int queries = 0;  ///< of a block of threads
  int keys = 0;     ///< at a time
  int warps = 0;    ///< each takes queries / warps, in pieces of 16
  int blocks = 1;   ///< that should fit a multiprocessor

  /// Queries, and two stages of keys and values.
  [[nodiscard]] constexpr int shared_bytes(int head_dim) const { return 2 * head_dim * (queries + 4 * keys); }
};

/// How the backward of one head size is cut for the tensor cores.
struct BackwardTile {
  int queries = 0;  ///< at a time
  int keys = 0;     ///< of a block of threads, 16 for each warp
  int warps = 0;
  int blocks = 1;  ///< that should fit a multiprocessor

  /// Keys; two stages of queries and output gradients; score gradients; two stages of row statistics.
  [[nodiscard]] constexpr int shared_bytes(int head_dim) const {
    return 2 * head_dim * (keys + 4 * queries) + 2 * keys * queries + 4 * 4 * queries;
  }
};

/// Warps of 32 queries read each key and value from shared memory half as often as warps of 16. The counters of dropout
/// leave no registers for the scores of 64 keys.
[[nodiscard]] constexpr ForwardTile forward_tile(bool dropout) { return {128, dropout ? 32 : 64, 4, 2}; }

/// The sums of dk and dv and the values of 128 columns leave registers for the scores of 32 queries, fewer columns for
/// those of 64.
[[nodiscard]] constexpr BackwardTile backward_tile(int head_dim) { return {head_dim > 96 ? 32 : 64, 128, 8, 1}; }

/// "128 queries x 64 keys, 4 warps, 2 blocks a multiprocessor"
template <class Tile>
[[nodiscard]] std::string to_string(const Tile& tile) {
  return std::to_string(tile.queries) + " queries x " + std::to_string(tile.keys) + " keys, " +
         std::to_string(tile.warps) + " warps, " + std::to_string(tile.blocks) +
         (tile.blocks == 1 ? " block" : " blocks") + " a multiprocessor";
}

}  // namespace headroom::kernels::cuda

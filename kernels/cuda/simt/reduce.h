#pragma once

#include "hd.h"
#include "launch.h"

namespace headroom::kernels::simt {

/// Bytes of shared memory that the sums and maxima of a block take.
inline constexpr int kReduceBytes = 32 * 4;

[[nodiscard]] HEADROOM_DEVICE inline float warp_sum(Thread& thread, float value) {
  HEADROOM_UNROLL
  for (int mask = 16; mask > 0; mask /= 2) value += thread.shuffle_xor(value, mask);
  return value;
}

[[nodiscard]] HEADROOM_DEVICE inline float warp_max(Thread& thread, float value) {
  HEADROOM_UNROLL
  for (int mask = 16; mask > 0; mask /= 2) value = fmaxf(value, thread.shuffle_xor(value, mask));
  return value;
}

/// The sum over all threads of the block, for each of them. `scratch`: kReduceBytes of shared memory, free again behind
/// the call.
[[nodiscard]] HEADROOM_DEVICE inline float block_sum(Thread& thread, float* scratch, float value) {
  value = warp_sum(thread, value);
  const int warps = thread.threads() / 32;
  if (warps == 1) return value;
  if (thread.lane() == 0) scratch[thread.warp()] = value;
  thread.sync();
  value = warp_sum(thread, thread.lane() < warps ? scratch[thread.lane()] : 0.0F);
  thread.sync();
  return value;
}

/// The same for the maximum.
[[nodiscard]] HEADROOM_DEVICE inline float block_max(Thread& thread, float* scratch, float value) {
  value = warp_max(thread, value);
  const int warps = thread.threads() / 32;
  if (warps == 1) return value;
  if (thread.lane() == 0) scratch[thread.warp()] = value;
  thread.sync();
  value = warp_max(thread, scratch[thread.lane() < warps ? thread.lane() : 0]);
  thread.sync();
  return value;
}

}  // namespace headroom::kernels::simt

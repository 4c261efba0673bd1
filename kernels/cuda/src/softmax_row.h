#pragma once

#include <cmath>
#include <cstdint>

#include "simt/pack.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

/// Of some values: their maximum, and the sum of exp(value - maximum). Of none: -inf and 0.
struct SoftmaxSum {
  float max = -INFINITY;
  float sum = 0;

  /// Takes the first n values of a pack.
  HEADROOM_HD void take(const simt::Pack& p, int n) {
    float larger = max;
    HEADROOM_UNROLL
    for (int j = 0; j < simt::kPack; ++j) larger = j < n ? fmaxf(larger, p.v[j]) : larger;
    if (larger > max) {
      sum *= std::exp(max - larger);
      max = larger;
    }
    const float base = max == -INFINITY ? 0 : max;
    HEADROOM_UNROLL
    for (int j = 0; j < simt::kPack; ++j) sum += j < n ? std::exp(p.v[j] - base) : 0;
  }
};

/// What the threads of a block have taken, together. `scratch` as in block_sum.
[[nodiscard]] HEADROOM_DEVICE inline SoftmaxSum over_block(simt::Thread& thread, float* scratch,
                                                           const SoftmaxSum& mine) {
  const float max = simt::block_max(thread, scratch, mine.max);
  const float scaled = mine.sum > 0 ? mine.sum * std::exp(mine.max - max) : mine.sum;
  return {max, simt::block_sum(thread, scratch, scaled)};
}

/// Of elements [begin, begin + length) of an array, by all threads of the block.
[[nodiscard]] HEADROOM_DEVICE inline SoftmaxSum softmax_sum(simt::Thread& thread, Type type, const void* data,
                                                            std::int64_t begin, std::int64_t length, bool aligned) {
  SoftmaxSum mine;
  for (std::int64_t i = simt::first_pack(thread); i < length; i += simt::pack_step(thread)) {
    const simt::PackAt at = simt::pack_at(begin, i, length, aligned);
    mine.take(simt::load(type, data, at), at.n);
  }
  return over_block(thread, thread.shared<float>(), mine);
}

}  // namespace headroom::kernels::cuda

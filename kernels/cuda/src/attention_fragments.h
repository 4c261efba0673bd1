#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "simt/element.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// An array that stays in registers: its indexes are constants once loops are unrolled.
template <class T, int kCount>
using Registers = T[static_cast<std::size_t>(kCount)];

/// Sums of 16x8 products side by side, as mma.m16n8k16 holds them: row lane / 4 (elements 0, 1) and that plus 8 (2, 3),
/// column lane % 4 * 2 and the next.
template <int kCount>
using Accumulators = Registers<float[4], kCount>;

/// The A fragments of 16x16 pieces side by side.
template <int kCount>
using Fragments = Registers<std::uint32_t[4], kCount>;

/// The score of a key that is not read.
inline constexpr float kNoScore = -std::numeric_limits<float>::infinity();

/// 2^x as the device's special function unit computes it; 2^-inf is 0.
[[nodiscard]] HEADROOM_DEVICE inline float fast_exp2(float x) {
#if defined(__CUDA_ARCH__)
  float result = 0;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
#else
  return std::exp2(x);
#endif
}

[[nodiscard]] HEADROOM_DEVICE inline float larger(float a, float b) { return a > b ? a : b; }

// A row of a 16x8 accumulator lies with four threads that follow each other.

[[nodiscard]] HEADROOM_DEVICE inline float quad_max(simt::Thread& thread, float value) {
  value = larger(value, thread.shuffle_xor(value, 1));
  return larger(value, thread.shuffle_xor(value, 2));
}
[[nodiscard]] HEADROOM_DEVICE inline float quad_sum(simt::Thread& thread, float value) {
  value += thread.shuffle_xor(value, 1);
  return value + thread.shuffle_xor(value, 2);
}

/// The A fragments of 16 columns, rounded to bf16, from the accumulators of two neighbouring 16x8 products.
HEADROOM_DEVICE inline void to_a(std::uint32_t (&a)[4], const float (&left)[4], const float (&right)[4]) {
  a[0] = simt::pack(left[0], left[1]);
  a[1] = simt::pack(left[2], left[3]);
  a[2] = simt::pack(right[0], right[1]);
  a[3] = simt::pack(right[2], right[3]);
}

}  // namespace headroom::kernels::cuda

#pragma once

#include <cmath>
#include <cstdint>

#if defined(__CUDACC__)
#include <cuda_bf16.h>
#else
#include <bit>
#endif

#include <headroom/kernels/view.h>

#include "hd.h"

namespace headroom::kernels::simt {

/// bf16 values are kept as their 16 bits.
[[nodiscard]] HEADROOM_HD inline float widen(std::uint16_t bf16) {
  const std::uint32_t bits = static_cast<std::uint32_t>(bf16) << 16U;
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__CUDACC__)
  float value = 0;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#else
  return std::bit_cast<float>(bits);
#endif
}

/// Rounds to nearest even; a NaN stays one.
[[nodiscard]] HEADROOM_HD inline std::uint16_t narrow(float value) {
#if defined(__CUDACC__)
  return __bfloat16_as_ushort(__float2bfloat16_rn(value));
#else
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  return static_cast<std::uint16_t>(std::isnan(value) ? 0x7FC0U : rounded);
#endif
}

/// Two bf16 values in a register, the first in the lower half, as the tensor cores read them.
[[nodiscard]] HEADROOM_HD inline std::uint32_t pack(float first, float second) {
#if defined(__CUDA_ARCH__)
  const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
  std::uint32_t bits = 0;
  __builtin_memcpy(&bits, &pair, sizeof bits);
  return bits;
#else
  return static_cast<std::uint32_t>(narrow(first)) | (static_cast<std::uint32_t>(narrow(second)) << 16U);
#endif
}

/// Element `index` of an fp32 or bf16 array.
[[nodiscard]] HEADROOM_HD inline float load(Type type, const void* data, std::int64_t index) {
  return type == Type::bf16 ? widen(static_cast<const std::uint16_t*>(data)[index])
                            : static_cast<const float*>(data)[index];
}

HEADROOM_HD inline void store(Type type, void* data, std::int64_t index, float value, Write how = Write::set) {
  if (how == Write::add) value += load(type, data, index);
  if (type == Type::bf16) {
    static_cast<std::uint16_t*>(data)[index] = narrow(value);
  } else {
    static_cast<float*>(data)[index] = value;
  }
}

/// Elements `index` and the next, from an address aligned to both together.
HEADROOM_HD inline void store_pair(Type type, void* data, std::int64_t index, float first, float second,
                                   Write how = Write::set) {
  if (how == Write::add) {
    first += load(type, data, index);
    second += load(type, data, index + 1);
  }
  if (type == Type::bf16) {
    *reinterpret_cast<std::uint32_t*>(static_cast<std::uint16_t*>(data) + index) = pack(first, second);
  } else {
#if defined(__CUDA_ARCH__)
    *reinterpret_cast<float2*>(static_cast<float*>(data) + index) = make_float2(first, second);
#else
    static_cast<float*>(data)[index] = first;
    static_cast<float*>(data)[index + 1] = second;
#endif
  }
}

/// Where row `row` of batch entry `entry` begins, in elements.
template <class Void>
[[nodiscard]] HEADROOM_HD std::int64_t row_begin(const BasicView<Void>& v, std::int64_t entry, std::int64_t row) {
  return (entry == 0 ? 0 : entry * v.batch_stride) + row * v.width;
}

/// Where row `row` of [0, batch * rows) begins, in elements.
template <class Void>
[[nodiscard]] HEADROOM_HD std::int64_t row_begin(const BasicView<Void>& v, std::int64_t row) {
  return row_begin(v, row / v.rows, row % v.rows);
}

}  // namespace headroom::kernels::simt

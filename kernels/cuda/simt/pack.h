#pragma once

#include <cstdint>

#include "element.h"
#include "launch.h"

namespace headroom::kernels::simt {

/// Elements that a thread takes at once: 16 bytes of bf16, two times 16 of fp32.
inline constexpr int kPack = 8;

struct Pack {
  float v[kPack] = {};
};

/// 16 bytes that are read or written by one instruction.
struct alignas(16) Quad {
  std::uint32_t w[4];
};

namespace detail {

[[nodiscard]] HEADROOM_HD inline Quad load_quad(const void* from) {
#if defined(__CUDA_ARCH__)
  const uint4 q = *static_cast<const uint4*>(from);
  return {{q.x, q.y, q.z, q.w}};
#else
  Quad q;
  __builtin_memcpy(&q, from, sizeof q);
  return q;
#endif
}

HEADROOM_HD inline void store_quad(void* to, const Quad& q) {
#if defined(__CUDA_ARCH__)
  *static_cast<uint4*>(to) = make_uint4(q.w[0], q.w[1], q.w[2], q.w[3]);
#else
  __builtin_memcpy(to, &q, sizeof q);
#endif
}

HEADROOM_HD inline float as_float(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  float value = 0;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}

HEADROOM_HD inline std::uint32_t as_bits(float value) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#else
  std::uint32_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

[[nodiscard]] HEADROOM_HD inline Pack load_bf16(const std::uint16_t* from) {
  const Quad q = load_quad(from);
  Pack p;
  HEADROOM_UNROLL
  for (int i = 0; i < 4; ++i) {
    p.v[2 * i] = as_float(q.w[i] << 16U);
    p.v[2 * i + 1] = as_float(q.w[i] & 0xFFFF0000U);
  }
  return p;
}

[[nodiscard]] HEADROOM_HD inline Pack load_fp32(const float* from) {
  Pack p;
  HEADROOM_UNROLL
  for (int half = 0; half < 2; ++half) {
    const Quad q = load_quad(from + 4 * half);
    HEADROOM_UNROLL
    for (int i = 0; i < 4; ++i) p.v[4 * half + i] = as_float(q.w[i]);
  }
  return p;
}

HEADROOM_HD inline void store_bf16(std::uint16_t* to, const Pack& p) {
  store_quad(to, {{pack(p.v[0], p.v[1]), pack(p.v[2], p.v[3]), pack(p.v[4], p.v[5]), pack(p.v[6], p.v[7])}});
}

HEADROOM_HD inline void store_fp32(float* to, const Pack& p) {
  store_quad(to, {{as_bits(p.v[0]), as_bits(p.v[1]), as_bits(p.v[2]), as_bits(p.v[3])}});
  store_quad(to + 4, {{as_bits(p.v[4]), as_bits(p.v[5]), as_bits(p.v[6]), as_bits(p.v[7])}});
}

}  // namespace detail

/// Where a pack stands: its first element, how many of it exist, and whether whole packs may be moved by instructions
/// of 16 bytes (aligned, below).
struct PackAt {
  std::int64_t index;
  int n;
  bool aligned;

  [[nodiscard]] HEADROOM_HD bool is_wide() const { return aligned && n == kPack; }
};

/// Elements [at.index, at.index + at.n) of an fp32 or bf16 array; 0 behind them.
[[nodiscard]] HEADROOM_HD inline Pack load(Type type, const void* data, const PackAt& at) {
  if (at.is_wide()) {
    return type == Type::bf16 ? detail::load_bf16(static_cast<const std::uint16_t*>(data) + at.index)
                              : detail::load_fp32(static_cast<const float*>(data) + at.index);
  }
  Pack p;
  HEADROOM_UNROLL
  for (int i = 0; i < kPack; ++i) {
    if (i < at.n) p.v[i] = load(type, data, at.index + i);
  }
  return p;
}

HEADROOM_HD inline void store(Type type, void* data, const PackAt& at, Pack p, Write how = Write::set) {
  if (how == Write::add) {
    const Pack before = load(type, data, at);
    HEADROOM_UNROLL
    for (int i = 0; i < kPack; ++i) p.v[i] += before.v[i];
  }
  if (at.is_wide()) {
    if (type == Type::bf16) return detail::store_bf16(static_cast<std::uint16_t*>(data) + at.index, p);
    return detail::store_fp32(static_cast<float*>(data) + at.index, p);
  }
  HEADROOM_UNROLL
  for (int i = 0; i < kPack; ++i) {
    if (i < at.n) store(type, data, at.index + i, p.v[i]);
  }
}

/// The pack that begins at `column` of a stretch of `length` elements from `begin` on.
[[nodiscard]] HEADROOM_HD inline PackAt pack_at(std::int64_t begin, std::int64_t column, std::int64_t length,
                                                bool aligned) {
  const std::int64_t left = length - column;
  return {begin + column, left < kPack ? static_cast<int>(left) : kPack, aligned};
}

/// Packs of a row are dealt out to the threads of a block: a thread's first element and the step to its next pack.
[[nodiscard]] HEADROOM_DEVICE inline std::int64_t first_pack(const Thread& thread) {
  return std::int64_t{kPack} * thread.thread();
}
[[nodiscard]] HEADROOM_DEVICE inline std::int64_t pack_step(const Thread& thread) {
  return std::int64_t{kPack} * thread.threads();
}

/// Whether packs that begin at multiples of kPack in every batch entry are aligned to their size, 16 bytes at most.
template <class Void>
[[nodiscard]] bool is_aligned(const BasicView<Void>& v) {
  const std::int64_t alignment = kPack * size_of(v.type) < 16 ? kPack * size_of(v.type) : 16;
  const std::int64_t step = v.batch == 1 ? 0 : v.batch_stride * size_of(v.type);
  return reinterpret_cast<std::uintptr_t>(v.data) % static_cast<std::uintptr_t>(alignment) == 0 &&
         step % alignment == 0;
}

/// The same for all of them; empty ones do not count.
template <class... Views>
[[nodiscard]] bool are_aligned(const Views&... views) {
  return (is_aligned(views) && ...);
}

/// The same where packs begin at multiples of kPack in every row.
template <class... Views>
[[nodiscard]] bool have_aligned_rows(const Views&... views) {
  return (is_aligned(views) && ...) && (((views.width * size_of(views.type)) % 16 == 0 || !views) && ...);
}

}  // namespace headroom::kernels::simt

#pragma once

#include <cstdint>
#include <numeric>

#include <headroom/models/error.h>

namespace headroom {

/// Exact 64-bit arithmetic: each function throws OverflowError where plain C++ would wrap around.
/// Dimensions of tensors multiply through these; bytes have a type of their own (bytes.h).
[[noreturn]] inline void throw_overflow() { throw OverflowError(); }

[[nodiscard]] constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw_overflow();
  return sum;
}

[[nodiscard]] constexpr std::int64_t checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) throw_overflow();
  return difference;
}

[[nodiscard]] constexpr std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw_overflow();
  return product;
}

/// ceil(a / b) for a >= 0 and b > 0, without forming a + b - 1.
[[nodiscard]] constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

}  // namespace headroom

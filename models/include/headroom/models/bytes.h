#pragma once

#include <compare>
#include <cstdint>

#include <headroom/models/checked.h>

namespace headroom {

/// A number of bytes: exact, signed (differences are bytes too), never a float on the way.
/// Arithmetic throws OverflowError instead of wrapping around.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::int64_t count) : count_(count) {}

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  constexpr auto operator<=>(const Bytes&) const = default;

  constexpr Bytes& operator+=(Bytes other) {
    count_ = checked_add(count_, other.count_);
    return *this;
  }
  constexpr Bytes& operator-=(Bytes other) {
    count_ = checked_sub(count_, other.count_);
    return *this;
  }

  [[nodiscard]] friend constexpr Bytes operator+(Bytes a, Bytes b) { return a += b; }
  [[nodiscard]] friend constexpr Bytes operator-(Bytes a, Bytes b) { return a -= b; }
  [[nodiscard]] friend constexpr Bytes operator*(std::int64_t n, Bytes b) { return Bytes(checked_mul(n, b.count_)); }

 private:
  std::int64_t count_ = 0;
};

inline namespace literals {
[[nodiscard]] constexpr Bytes operator""_B(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n)); }
[[nodiscard]] constexpr Bytes operator""_KiB(unsigned long long n) {
  return static_cast<std::int64_t>(n) * Bytes(1LL << 10);
}
[[nodiscard]] constexpr Bytes operator""_MiB(unsigned long long n) {
  return static_cast<std::int64_t>(n) * Bytes(1LL << 20);
}
[[nodiscard]] constexpr Bytes operator""_GiB(unsigned long long n) {
  return static_cast<std::int64_t>(n) * Bytes(1LL << 30);
}
}  // namespace literals

}  // namespace headroom

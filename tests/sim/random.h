#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <headroom/models/named.h>

namespace headroom::test {

/// Numbers that a seed fixes on every machine and with every standard library (SplitMix64, Steele et al. 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  /// From `low` to `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto choices = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return low + static_cast<std::int64_t>(choices == 0 ? next() : next() % choices);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool chance(std::uint64_t percent) { return next() % 100 < percent; }

  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }
  /// Any value of an enum, new ones included.
  template <class Enum>
  Enum value() {
    const auto values = values_of<Enum>();
    return values[below(values.size())].value;
  }

 private:
  std::uint64_t state_;
};

}  // namespace headroom::test

#pragma once

#include <initializer_list>

#include <headroom/models/bytes.h>

namespace headroom::sim::published {

/// coefficient * product of the factors. Throws OverflowError.
[[nodiscard]] inline std::int64_t product(std::int64_t coefficient, std::initializer_list<std::int64_t> factors) {
  std::int64_t result = coefficient;
  for (const std::int64_t factor : factors) result = checked_mul(result, factor);
  return result;
}

/// The same in bytes.
[[nodiscard]] inline Bytes term(std::int64_t coefficient, std::initializer_list<std::int64_t> factors) {
  return Bytes(product(coefficient, factors));
}

}  // namespace headroom::sim::published

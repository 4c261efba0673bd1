#pragma once

#include <algorithm>
#include <cmath>

#include "operand.h"

// The dynamic codes of arXiv 2110.02861 read bit by bit, as figure 2 of the paper does.
namespace headroom::test {

/// What `bits` bits say without their sign: zeros, a one, a fraction.
[[nodiscard]] inline double dynamic_value(unsigned code, int bits, int exponent_bits) {
  int zeros = 0;
  while (zeros < exponent_bits && ((code >> static_cast<unsigned>(bits - 1 - zeros)) & 1U) == 0) ++zeros;
  if (zeros == exponent_bits) return code == 0 ? 0 : 1;
  const int fraction_bits = bits - 1 - zeros;
  const double parts = std::pow(2, fraction_bits);
  const double fraction = static_cast<double>(code & ((1U << static_cast<unsigned>(fraction_bits)) - 1U));
  return std::pow(10, -zeros) * (0.1 + 0.9 * (fraction + 0.5) / parts);
}

/// A sign and 7 bits; a negative zero stands for 1.
[[nodiscard]] inline Values signed_code() {
  Values values = {1};
  for (unsigned code = 0; code < 128; ++code) values.push_back(dynamic_value(code, 7, 7));
  for (unsigned code = 1; code < 128; ++code) values.push_back(-dynamic_value(code, 7, 7));
  std::sort(values.begin(), values.end());
  return values;
}

/// 8 bits without a sign, of which 7 may be zeros of the exponent.
[[nodiscard]] inline Values unsigned_code() {
  Values values;
  for (unsigned code = 0; code < 256; ++code) values.push_back(dynamic_value(code, 8, 7));
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace headroom::test

#pragma once

#include <algorithm>
#include <cstdint>

namespace headroom::kernels {

/// The values of an 8-bit code, ascending.
struct DynamicCode {
  static constexpr int kSize = 256;

  float values[kSize] = {};
};

enum class CodeSign : std::uint8_t { with_sign, without_sign };

/// Dynamic tree quantisation (Dettmers et al., arXiv 2110.02861, sections 1.3 and 2.2). Seven bits are e zeros, a one,
/// and a fraction: 10^-e times the middle of one of 2^(6-e) equal parts of [0.1, 1]. The eighth bit is the sign, or
/// where there is none one more bit of the fraction. The two codes without a one are 0 and 1.
[[nodiscard]] constexpr DynamicCode dynamic_code(CodeSign sign) {
  constexpr int kExponents = 7;
  DynamicCode code;
  code.values[1] = 1;
  int next = 2;
  double power = 1;
  for (int exponent = 0; exponent < kExponents; ++exponent, power /= 10) {
    const int parts = 1 << (kExponents - 1 - exponent + (sign == CodeSign::without_sign ? 1 : 0));
    for (int part = 0; part < parts; ++part) {
      const double value = power * (0.1 + 0.9 * (part + 0.5) / parts);
      code.values[next++] = static_cast<float>(value);
      if (sign == CodeSign::with_sign) code.values[next++] = static_cast<float>(-value);
    }
  }
  std::sort(code.values, code.values + DynamicCode::kSize);
  return code;
}

/// Of a moment that has a sign, and of one that has not.
inline constexpr DynamicCode kSignedCode = dynamic_code(CodeSign::with_sign);
inline constexpr DynamicCode kUnsignedCode = dynamic_code(CodeSign::without_sign);

/// Which of the kSize ascending values is nearest; of two that are equally near the lower.
[[nodiscard]] constexpr std::uint8_t nearest_code(const float* values, float value) {
  int below = 0, above = DynamicCode::kSize - 1;
  while (above - below > 1) {
    const int middle = (below + above) / 2;
    if (values[middle] <= value) {
      below = middle;
    } else {
      above = middle;
    }
  }
  return static_cast<std::uint8_t>(value - values[below] <= values[above] - value ? below : above);
}

}  // namespace headroom::kernels

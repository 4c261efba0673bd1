#pragma once

#include <stdexcept>
#include <string>

#include <headroom/kernels/view.h>

namespace headroom::kernels {

/// Throws std::invalid_argument "kernels: <operation>: <rule>" where the rule does not hold.
inline void require(bool holds, const char* operation, const char* rule) {
  if (!holds) throw std::invalid_argument(std::string("kernels: ") + operation + ": " + rule);
}

inline void require_shape(const ConstView& v, std::int64_t batch, std::int64_t rows, std::int64_t width,
                          const char* operation, const char* rule) {
  require(v.batch == batch && v.rows == rows && v.width == width, operation, rule);
}

inline void require_same_shape(const ConstView& a, const ConstView& b, const char* operation, const char* rule) {
  require_shape(a, b.batch, b.rows, b.width, operation, rule);
}

inline void require_fp32(const ConstView& v, const char* operation, const char* rule) {
  require(!v || v.type == Type::fp32, operation, rule);
}

/// Empty views pass.
template <class... Views>
void require_floating(const char* operation, const Views&... views) {
  const auto floating = [](const ConstView& v) { return !v || v.type == Type::fp32 || v.type == Type::bf16; };
  require((floating(views) && ...), operation, "an operand that must be fp32 or bf16 is not");
}

}  // namespace headroom::kernels

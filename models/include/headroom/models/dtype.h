#pragma once

#include <cstdint>

#include <headroom/models/named.h>

namespace headroom {

/// Storage type of a tensor's elements.
enum class DType : std::uint8_t { fp32, bf16, int32, uint8, fp8 };

template <>
std::span<const Named<DType>> values_of<DType>();

/// Bytes of one element.
[[nodiscard]] constexpr std::int64_t element_size(DType type) {
  switch (type) {
    case DType::fp32:
    case DType::int32: return 4;
    case DType::bf16: return 2;
    case DType::uint8:
    case DType::fp8: return 1;
  }
  return 0;
}

}  // namespace headroom

#include "finite.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace headroom::measure {
namespace {

/// By its upper half, which has sign, exponent and the upper bits of the fraction in either type.
bool is_finite(std::uint16_t upper) {
  constexpr std::uint16_t kExponent = 0x7F80;
  return (upper & kExponent) != kExponent;
}

}  // namespace

bool are_finite(Resource& resource, const Tensor& tensor) {
  std::array<std::uint16_t, 8192> halves{};
  constexpr auto kMost = static_cast<std::int64_t>(sizeof halves);
  const std::int64_t bytes = tensor.bytes().count();
  const std::size_t each = static_cast<std::size_t>(kernels::size_of(tensor.view().type)) / sizeof(std::uint16_t);
  for (std::int64_t first = 0; first < bytes; first += kMost) {
    const std::int64_t count = std::min(kMost, bytes - first);
    resource.download(halves.data(), static_cast<const std::byte*>(tensor.view().data) + first, count);
    // Little-endian: the upper half of an fp32 number comes second.
    for (std::size_t i = each - 1; i < static_cast<std::size_t>(count) / sizeof(std::uint16_t); i += each) {
      if (!is_finite(halves[i])) return false;
    }
  }
  return true;
}

}  // namespace headroom::measure

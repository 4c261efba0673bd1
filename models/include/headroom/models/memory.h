#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <headroom/models/bytes.h>
#include <headroom/models/named.h>

namespace headroom {

/// What a tensor is for, fixed when it is born (docs/runtime.md, "Categories").
enum class Category : std::uint8_t {
  parameters,
  gradients,
  optimizer_state,
  kv_cache,
  saved_activations,
  attention,
  feed_forward,
  head_and_loss,
  communication,
  workspace,
  context,
  allocator_slack,
};
inline constexpr std::size_t kCategoryCount = 12;

/// Names are the keys of JSON and CSV ("saved-activations"), descriptions what people read ("saved activations").
template <>
std::span<const Named<Category>> values_of<Category>();

/// Bytes per category; the sum over all categories is the total.
struct BytesByCategory {
  std::array<Bytes, kCategoryCount> bytes{};

  [[nodiscard]] constexpr Bytes& operator[](Category c) { return bytes[static_cast<std::size_t>(c)]; }
  [[nodiscard]] constexpr Bytes operator[](Category c) const { return bytes[static_cast<std::size_t>(c)]; }
  [[nodiscard]] constexpr Bytes total() const {
    Bytes sum;
    for (const Bytes b : bytes) sum += b;
    return sum;
  }
  constexpr bool operator==(const BytesByCategory&) const = default;
};

}  // namespace headroom

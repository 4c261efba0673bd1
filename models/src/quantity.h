#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom {

/// "1.5 GiB" taken apart: 15 / 10^1 of "GiB".
struct Quantity {
  std::int64_t digits = 0;
  std::int64_t divisor = 1;
  std::string_view unit;
};

/// Nothing when `text` does not start with a number, or with one of more than 18 digits.
[[nodiscard]] std::optional<Quantity> split_quantity(std::string_view text);

/// digits * unit / divisor, rounded down; nothing when it does not fit into 64 bits.
[[nodiscard]] std::optional<std::int64_t> times(const Quantity& quantity, std::int64_t unit);

}  // namespace headroom

#pragma once

#include <string_view>

#include <headroom/models/named.h>

namespace headroom::docs {

/// What people read for `value`: "attention forward", "saved activations".
template <class Enum>
[[nodiscard]] std::string_view words_of(Enum value) {
  for (const auto& named : values_of<Enum>()) {
    if (named.value == value) return named.description;
  }
  return "?";
}

}  // namespace headroom::docs

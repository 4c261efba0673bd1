#pragma once

#include <span>
#include <string>
#include <string_view>

namespace headroom {

/// One value of a closed set as people write it: in job files, on the command line, in the GUI's menus.
template <class Enum>
struct Named {
  Enum value;
  std::string_view name;         ///< what is typed and saved, e.g. "memory-efficient"
  std::string_view description;  ///< a short phrase for help and menus
};

/// Every enum class of the job specialises this with one line a value; readers, help texts, menus and
/// property tests walk it, so a new value appears everywhere by itself.
template <class Enum>
[[nodiscard]] std::span<const Named<Enum>> values_of();

/// The name under which `value` is typed and saved.
template <class Enum>
[[nodiscard]] std::string_view name_of(Enum value) {
  for (const auto& named : values_of<Enum>()) {
    if (named.value == value) return named.name;
  }
  return "?";
}

}  // namespace headroom

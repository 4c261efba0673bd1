#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// The short phrase for `value`, for people.
template <class Enum>
[[nodiscard]] std::string_view description_of(Enum value) {
  for (const auto& named : values_of<Enum>()) {
    if (named.value == value) return named.description;
  }
  return "?";
}

/// The names of all values, in the order of values_of.
template <class Enum>
[[nodiscard]] std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const auto& named : values_of<Enum>()) names.push_back(named.name);
  return names;
}

/// Throws InputError: `what` accepts only `names`, `given` is none of them, and perhaps one is near.
[[noreturn]] void throw_unknown_name(std::string_view what, std::string_view given,
                                     const std::vector<std::string_view>& names);

/// The value typed as `name`. Throws InputError that names `what`, the accepted names and the nearest.
template <class Enum>
[[nodiscard]] Enum value_of(std::string_view name, std::string_view what) {
  for (const auto& named : values_of<Enum>()) {
    if (named.name == name) return named.value;
  }
  throw_unknown_name(what, name, names_of<Enum>());
}

}  // namespace headroom

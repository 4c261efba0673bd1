#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace headroom {

/// One JSON file of transformers/, hardware/, methods/ or reproductions/, compiled in by embed_presets.cmake.
struct PresetSource {
  std::string_view name;     ///< the file's name without .json
  std::string_view aliases;  ///< other names, one a line
  std::string_view json;
};

/// In the order in which they are listed to people.
[[nodiscard]] std::span<const PresetSource> transformers_presets();
[[nodiscard]] std::span<const PresetSource> hardware_presets();
[[nodiscard]] std::span<const PresetSource> methods_presets();
[[nodiscard]] std::span<const PresetSource> reproductions_presets();

/// The preset with that name or alias, upper and lower case alike; null when there is none.
[[nodiscard]] const PresetSource* find_preset(std::span<const PresetSource> presets, std::string_view name);

[[nodiscard]] std::vector<std::string_view> names_of(std::span<const PresetSource> presets);

/// Throws InputError: `name` is no `what` ("model"), with the nearest name and where to see all.
[[noreturn]] void throw_unknown_preset(std::span<const PresetSource> presets, std::string_view what,
                                       std::string_view name);

}  // namespace headroom

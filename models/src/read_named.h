#pragma once

#include <span>
#include <string>

#include "files.h"
#include "preset_source.h"

namespace headroom {

[[nodiscard]] inline bool looks_like_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.find(".json") != std::string::npos;
}

/// A preset's name first, read by `preset`; then a file, read by `parse` from its text and its path.
template <class Preset, class Parse>
auto read_named(std::span<const PresetSource> presets, const char* what, const std::string& name_or_path, Preset preset,
                Parse parse) -> decltype(parse(name_or_path, name_or_path)) {
  if (find_preset(presets, name_or_path) != nullptr) return {preset(name_or_path), {}};
  if (!looks_like_path(name_or_path) && !path_exists(name_or_path)) {
    throw_unknown_preset(presets, what, name_or_path);
  }
  return parse(read_text_file(name_or_path), name_or_path);
}

}  // namespace headroom

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "preset_source.h"
#include "text.h"

namespace headroom {
namespace {

/// More names than that are no help in a sentence.
constexpr std::size_t kMostListed = 30;

/// Calls `visit` with each line until it returns true; whether it did.
template <class Visit>
bool any_line(std::string_view lines, Visit visit) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (visit(line)) return true;
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  }
  return false;
}

}  // namespace

const PresetSource* find_preset(std::span<const PresetSource> presets, std::string_view name) {
  const auto is_wanted = [name](std::string_view candidate) { return equal_ignoring_case(candidate, name); };
  for (const PresetSource& preset : presets) {
    if (is_wanted(preset.name)) return &preset;
  }
  for (const PresetSource& preset : presets) {
    if (any_line(preset.aliases, is_wanted)) return &preset;
  }
  return nullptr;
}

std::vector<std::string_view> names_of(std::span<const PresetSource> presets) {
  std::vector<std::string_view> names;
  for (const PresetSource& preset : presets) names.push_back(preset.name);
  return names;
}

void throw_unknown_preset(std::span<const PresetSource> presets, std::string_view what, std::string_view name) {
  std::vector<std::string_view> candidates = names_of(presets);
  for (const PresetSource& preset : presets) {
    any_line(preset.aliases, [&candidates](std::string_view alias) {
      candidates.push_back(alias);
      return false;
    });
  }
  const std::string_view nearest = nearest_name(name, candidates);
  const std::string known = presets.size() > kMostListed
                                ? fmt::format("headroom {}s lists the {} there are", what, presets.size())
                                : fmt::format("known are {}", fmt::join(names_of(presets), ", "));
  const std::string hint = nearest.empty() ? known : fmt::format("did you mean '{}'?", nearest);
  throw InputError(fmt::format("there is no {} {}; {}", what, in_quotes(name), hint));
}

}  // namespace headroom

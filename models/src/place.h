#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace headroom {

/// Where a value stands: the file (or what else it came from) and the path inside, for messages.
struct Place {
  std::string_view origin;  ///< outlives the place
  std::string path;         ///< empty for the whole file

  [[nodiscard]] Place member(std::string_view key) const {
    return {origin, path.empty() ? std::string(key) : fmt::format("{}.{}", path, key)};
  }
  [[nodiscard]] Place item(std::size_t index) const { return {origin, fmt::format("{}[{}]", path, index)}; }
  /// "job.json: model.kinds[0]"
  [[nodiscard]] std::string text() const {
    return path.empty() ? std::string(origin) : fmt::format("{}: {}", origin, path);
  }
};

}  // namespace headroom

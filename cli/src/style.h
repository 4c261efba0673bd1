#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::cli {

enum class Tone : std::uint8_t { plain, bold, dim, accent, warning };

/// Colours a text, or leaves it as it is.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}
  [[nodiscard]] std::string paint(std::string_view text, Tone tone) const;

 private:
  bool colour_;
};

}  // namespace headroom::cli

#pragma once

#include <string>
#include <string_view>

namespace headroom::docs::svg {

inline constexpr std::string_view kInk = "#222222";
inline constexpr std::string_view kPale = "#555555";

enum class Anchor { start, middle, end };

/// Positions and sizes are pixels of the picture. Words are written as they are: markup in them is markup.
[[nodiscard]] std::string text(double x, double y, Anchor anchor, int size, std::string_view words,
                               std::string_view colour = kInk);
[[nodiscard]] std::string rectangle(double x, double y, double width, double height, std::string_view colour);
[[nodiscard]] std::string line(double x0, double y0, double x1, double y1, std::string_view colour);
[[nodiscard]] std::string ring(double x, double y);

}  // namespace headroom::docs::svg

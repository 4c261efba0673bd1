#include "labelled.h"

#include <fmt/format.h>

#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLabelColumns = 13;

}  // namespace

std::string labelled(std::string_view label, std::string_view text, const Style& style, Tone tone) {
  if (text.empty()) return {};
  return fmt::format("{:<{}}", label, kLabelColumns) + style.paint(wrap(text, kLabelColumns), tone) + '\n';
}

std::string heading(std::string_view title, std::string_view settings, const Style& style) {
  return style.paint(wrap(title), Tone::bold) + '\n' + style.paint(wrap(settings), Tone::dim) + "\n\n";
}

}  // namespace headroom::cli

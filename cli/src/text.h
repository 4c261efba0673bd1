#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::cli {

/// Columns that people's output keeps to.
inline constexpr std::size_t kColumns = 80;

/// Columns that `text` (UTF-8) takes on a terminal.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `text` with control characters and bytes that are not UTF-8 replaced by '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// `text`, printable, cut to `columns` with an ellipsis.
[[nodiscard]] std::string clip(std::string_view text, std::size_t columns);

/// `text`, printable, broken between words for a block that begins at column `indent` and ends before `columns`: lines
/// behind the first start with `indent` spaces. Words that are longer than a line are cut. Ends without a line break.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent = 0, std::size_t columns = kColumns);

}  // namespace headroom::cli

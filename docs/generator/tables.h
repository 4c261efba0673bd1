#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lifetimes.h"

namespace headroom::docs {

/// Lines of a Markdown table: the heads of its columns, then its cells row by row.
class MarkdownTable {
 public:
  explicit MarkdownTable(const std::vector<std::string>& heads);
  void row(const std::vector<std::string>& cells);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// tensor | shape | type | category | born | dies | source; a line a distinct lifetime in "born" and "dies".
[[nodiscard]] std::string tensor_table(const std::vector<TensorRow>& rows);

/// One line a weight, with the types of all that the step holds for it and the life of its gradient.
[[nodiscard]] std::string weight_table(const std::vector<TensorRow>& rows);

}  // namespace headroom::docs

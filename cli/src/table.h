#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "style.h"

namespace headroom::cli {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string header;  ///< may hold line breaks
  Align align = Align::left;
};

struct Cell {
  Cell(std::string cell_text, Tone cell_tone = Tone::plain) : text(std::move(cell_text)), tone(cell_tone) {}
  Cell(const char* cell_text) : text(cell_text) {}

  std::string text;
  Tone tone = Tone::plain;
};

/// Rows of cells in aligned columns, as wide as their content. A row may have fewer cells than there are columns.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  /// A line across all columns.
  void rule() { rows_.emplace_back(); }
  /// Text below a row that keeps to no column, broken to fit kColumns behind `indent` spaces.
  void remark(const std::string& text, std::size_t indent = 2);

  /// Every line begins with `indent` spaces, has no blanks at its end and ends with a line break.
  [[nodiscard]] std::string text(const Style& style, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;         ///< an empty one is a rule or a remark
  std::map<std::size_t, std::string> remarks_;  ///< by row
};

}  // namespace headroom::cli

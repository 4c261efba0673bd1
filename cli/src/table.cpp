#include "table.h"

#include <algorithm>
#include <numeric>

#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kGap = 2;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += piece;
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// The headers as rows, each text at the bottom of its column; none when all are empty.
std::vector<std::vector<Cell>> header_rows(const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> headers;
  std::size_t height = 0;
  for (const Column& column : columns) {
    headers.push_back(lines_of(column.header));
    if (!column.header.empty()) height = std::max(height, headers.back().size());
  }
  std::vector<std::vector<Cell>> rows(height);
  for (std::size_t row = 0; row < height; ++row) {
    for (const std::vector<std::string>& lines : headers) {
      const std::size_t above = height - std::min(height, lines.size());
      rows[row].emplace_back(row < above ? std::string() : lines[row - above], Tone::dim);
    }
  }
  return rows;
}

void widen(std::vector<std::size_t>& widths, const std::vector<std::vector<Cell>>& rows) {
  for (const std::vector<Cell>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  }
}

std::string line(const std::vector<Cell>& row, const std::vector<Column>& columns,
                 const std::vector<std::size_t>& widths, const Style& style) {
  std::string result;
  std::size_t blanks = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t room = widths[i] - display_width(row[i].text);
    const bool is_right = columns[i].align == Align::right;
    blanks += (i > 0 ? kGap : 0) + (is_right ? room : 0);
    if (!row[i].text.empty()) {
      result += std::string(blanks, ' ') + style.paint(row[i].text, row[i].tone);
      blanks = 0;
    }
    blanks += is_right ? 0 : room;
  }
  return result;
}

}  // namespace

std::string Table::text(const Style& style, std::size_t indent) const {
  const std::vector<std::vector<Cell>> headers = header_rows(columns_);
  std::vector<std::size_t> widths(columns_.size());
  widen(widths, headers);
  widen(widths, rows_);
  const std::size_t width = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));

  std::string result;
  const auto add_line = [&](const std::string& content) { result += std::string(indent, ' ') + content + '\n'; };
  for (const auto& row : headers) add_line(line(row, columns_, widths, style));
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto remark = remarks_.find(i);
    if (remark != remarks_.end()) {
      add_line(style.paint(remark->second, Tone::dim));
    } else {
      add_line(rows_[i].empty() ? style.paint(repeated("─", width), Tone::dim)
                                : line(rows_[i], columns_, widths, style));
    }
  }
  return result;
}

void Table::remark(const std::string& text, std::size_t indent) {
  remarks_[rows_.size()] = std::string(indent, ' ') + wrap(text, indent);
  rows_.emplace_back();
}

}  // namespace headroom::cli

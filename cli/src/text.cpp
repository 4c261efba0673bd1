#include "text.h"

#include <algorithm>
#include <cstdint>

namespace headroom::cli {
namespace {

struct Character {
  char32_t code;
  std::size_t length;  ///< bytes; 0 when they are not UTF-8
};

/// Length of a sequence by its first byte; 0: none begins with it.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = length_of(byte(0));
  if (length == 0 || length > text.size()) return {0, 0};
  if (length == 1) return {byte(0), 1};
  char32_t code = byte(0) & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {0, 0};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  return {code, length};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

struct Range {
  char32_t first;
  char32_t last;
};
constexpr Range kNoColumn[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0xfe00, 0xfe0f}};
constexpr Range kTwoColumns[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                 {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                 {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

template <std::size_t N>
bool is_in(char32_t code, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](Range r) { return r.first <= code && code <= r.last; });
}

std::size_t columns_of(char32_t code) {
  if (is_in(code, kNoColumn)) return 0;
  return is_in(code, kTwoColumns) ? 2 : 1;
}

/// Calls visit(character, its bytes) for each character; bytes that are none come one by one with length 0.
template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(character.length, 1);
    visit(character, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

/// The longest beginning that takes at most `columns`.
std::string_view beginning(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t width = 0;
  for_each_character(text, [&](Character character, std::string_view piece) {
    width += columns_of(character.code);
    if (width <= columns) bytes += piece.size();
  });
  return text.substr(0, bytes);
}

/// Lines that grow word by word.
class Lines {
 public:
  Lines(std::size_t indent, std::size_t columns) : indent_(indent), columns_(columns) {}

  void add(std::string_view word) {
    if (used_ > 0 && used_ + 1 + display_width(word) > room()) end_line();
    while (display_width(word) > room()) {
      const std::string_view piece = beginning(word, room());
      text_ += piece;
      word.remove_prefix(piece.size());
      end_line();
    }
    if (used_ > 0) append(" ");
    append(word);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  [[nodiscard]] std::size_t room() const { return columns_ - indent_; }
  void append(std::string_view piece) {
    text_ += piece;
    used_ += display_width(piece);
  }
  void end_line() {
    text_ += '\n' + std::string(indent_, ' ');
    used_ = 0;
  }

  std::size_t indent_;
  std::size_t columns_;
  std::size_t used_ = 0;
  std::string text_;
};

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&width](Character character, std::string_view) { width += columns_of(character.code); });
  return width;
}

std::string printable(std::string_view text) {
  std::string result;
  for_each_character(text, [&result](Character character, std::string_view piece) {
    if (character.length == 0 || is_control(character.code)) {
      result += '?';
    } else {
      result += piece;
    }
  });
  return result;
}

std::string clip(std::string_view text, std::size_t columns) {
  std::string whole = printable(text);
  if (display_width(whole) <= columns) return whole;
  return std::string(beginning(whole, columns - 1)) + "…";
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  const std::string whole = printable(text);
  Lines lines(indent, columns);
  for (std::size_t begin = 0; begin < whole.size();) {
    const std::size_t end = std::min(whole.find(' ', begin), whole.size());
    if (end > begin) lines.add(std::string_view(whole).substr(begin, end - begin));
    begin = end + 1;
  }
  return lines.take();
}

}  // namespace headroom::cli

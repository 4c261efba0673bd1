#include <algorithm>

#include "text.h"

namespace headroom {
namespace {

constexpr std::size_t kMaxQuoted = 60;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool continues_utf8(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string in_quotes(std::string_view text) {
  std::size_t length = std::min(text.size(), kMaxQuoted);
  while (length > 0 && length < text.size() && continues_utf8(text[length])) --length;
  std::string result(text.substr(0, length));
  std::replace_if(result.begin(), result.end(), is_control, '?');
  return "'" + result + (length < text.size() ? "...'" : "'");
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace headroom

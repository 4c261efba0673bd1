#include "quantity.h"

namespace headroom {
namespace {

constexpr int kMaxDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_outer_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Quantity> split_quantity(std::string_view text) {
  Quantity quantity;
  bool behind_point = false;
  int digits = 0;
  text = without_outer_spaces(text);
  while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !behind_point && digits > 0))) {
    if (text.front() == '.') {
      behind_point = true;
    } else {
      if (++digits > kMaxDigits) return std::nullopt;
      quantity.digits = quantity.digits * 10 + (text.front() - '0');
      if (behind_point) quantity.divisor *= 10;
    }
    text.remove_prefix(1);
  }
  if (digits == 0 || (behind_point && quantity.divisor == 1)) return std::nullopt;
  quantity.unit = without_outer_spaces(text);
  return quantity;
}

std::optional<std::int64_t> times(const Quantity& quantity, std::int64_t unit) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(quantity.digits, unit, &product)) return std::nullopt;
  return product / quantity.divisor;
}

}  // namespace headroom

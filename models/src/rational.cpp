#include <headroom/models/rational.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/format.h>

#include "text.h"

namespace headroom {
namespace {

std::int64_t magnitude_of(std::int64_t value) { return value < 0 ? checked_sub(0, value) : value; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Rational::Rational(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) throw InputError("a formula divides by zero");
  const std::int64_t divisor = std::gcd(magnitude_of(numerator), magnitude_of(denominator));
  const std::int64_t sign = denominator < 0 ? -1 : 1;
  numerator_ = sign * (numerator / divisor);
  denominator_ = sign * (denominator / divisor);
}

std::int64_t Rational::ceiling() const {
  return numerator_ / denominator_ + (numerator_ > 0 && numerator_ % denominator_ != 0 ? 1 : 0);
}

Rational Rational::magnitude() const { return {magnitude_of(numerator_), denominator_}; }

double Rational::approximate() const { return static_cast<double>(numerator_) / static_cast<double>(denominator_); }

std::strong_ordering Rational::operator<=>(const Rational& other) const {
  return (*this - other).numerator() <=> std::int64_t{0};
}

Rational operator+(const Rational& a, const Rational& b) {
  const std::int64_t common = std::gcd(a.denominator(), b.denominator());
  const std::int64_t scale_a = b.denominator() / common;
  const std::int64_t scale_b = a.denominator() / common;
  return {checked_add(checked_mul(a.numerator(), scale_a), checked_mul(b.numerator(), scale_b)),
          checked_mul(a.denominator(), scale_a)};
}

Rational operator-(const Rational& a, const Rational& b) { return a + Rational(-1) * b; }

Rational operator*(const Rational& a, const Rational& b) {
  const Rational left(a.numerator(), b.denominator());
  const Rational right(b.numerator(), a.denominator());
  return {checked_mul(left.numerator(), right.numerator()), checked_mul(left.denominator(), right.denominator())};
}

Rational operator/(const Rational& a, const Rational& b) { return a * Rational(b.denominator(), b.numerator()); }

std::string format_decimal(const Rational& value, int decimals) {
  const Rational magnitude = value.magnitude();
  std::int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale = checked_mul(scale, 10);
  // Half is added in front of cutting off, so that it rounds away from zero.
  const Rational scaled = magnitude * scale + Rational(1, 2);
  const std::int64_t digits = scaled.numerator() / scaled.denominator();
  const std::string fraction = decimals == 0 ? "" : fmt::format(".{:0{}}", digits % scale, decimals);
  return (value < Rational() && digits != 0 ? "-" : "") + format_grouped(digits / scale) + fraction;
}

Decimal parse_decimal(std::string_view text, std::string_view what) {
  const bool is_negative = !text.empty() && text.front() == '-';
  const std::string_view number = text.substr(is_negative ? 1 : 0);
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::string_view behind = number.substr(std::min(point + 1, number.size()));
  const std::string digits = std::string(number.substr(0, point)) + std::string(behind);
  const bool is_number =
      point > 0 && !digits.empty() && digits.size() <= 18 && (point == number.size() || !behind.empty());
  if (!is_number || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    throw InputError(fmt::format("{} must be a decimal number such as 31.4, not {}", what, in_quotes(text)));
  }
  std::int64_t scale = is_negative ? -1 : 1;
  for (std::size_t i = 0; i < behind.size(); ++i) scale *= 10;
  return {Rational(std::stoll(digits), scale), static_cast<int>(behind.size())};
}

}  // namespace headroom

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom {

/// A fraction of whole numbers, exact and in lowest terms: what formulas with divisions lead to. Every function throws
/// OverflowError where 64 bits do not suffice.
class Rational {
 public:
  constexpr Rational() = default;
  constexpr Rational(std::int64_t whole) : numerator_(whole) {}
  /// Throws InputError for a denominator of zero.
  Rational(std::int64_t numerator, std::int64_t denominator);

  [[nodiscard]] constexpr std::int64_t numerator() const { return numerator_; }
  [[nodiscard]] constexpr std::int64_t denominator() const { return denominator_; }  ///< positive
  [[nodiscard]] constexpr bool is_whole() const { return denominator_ == 1; }
  /// The smallest whole number that is not below it.
  [[nodiscard]] std::int64_t ceiling() const;
  [[nodiscard]] Rational magnitude() const;
  /// For pictures, shares and JSON; nothing that is compared.
  [[nodiscard]] double approximate() const;

  constexpr bool operator==(const Rational&) const = default;
  [[nodiscard]] std::strong_ordering operator<=>(const Rational& other) const;

 private:
  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

[[nodiscard]] Rational operator+(const Rational& a, const Rational& b);
[[nodiscard]] Rational operator-(const Rational& a, const Rational& b);
[[nodiscard]] Rational operator*(const Rational& a, const Rational& b);
/// Throws InputError for b = 0.
[[nodiscard]] Rational operator/(const Rational& a, const Rational& b);

/// "16.64" of 416/25 with 2 decimals, digits in groups of three; rounded half away from zero.
[[nodiscard]] std::string format_decimal(const Rational& value, int decimals);

/// A number as a paper prints it, and how many digits stand behind its point.
struct Decimal {
  Rational value;
  int decimals = 0;

  bool operator==(const Decimal&) const = default;
};

/// "31.4", "52600", "-0.5". Throws InputError that names `what`.
[[nodiscard]] Decimal parse_decimal(std::string_view text, std::string_view what);

}  // namespace headroom

#include <limits>

#include <headroom/models/error.h>
#include <headroom/models/rational.h>

#include "catch.h"

using headroom::Decimal;
using headroom::format_decimal;
using headroom::InputError;
using headroom::OverflowError;
using headroom::parse_decimal;
using headroom::Rational;

TEST_CASE("fractions are kept in lowest terms with a positive denominator") {
  CHECK(Rational(6, 4) == Rational(3, 2));
  CHECK(Rational(6, -4).numerator() == -3);
  CHECK(Rational(6, -4).denominator() == 2);
  CHECK(Rational(0, -7) == Rational());
  CHECK(Rational(12, 4).is_whole());
  CHECK_FALSE(Rational(1, 3).is_whole());
}

TEST_CASE("fractions add, subtract, multiply, divide and compare exactly") {
  CHECK(Rational(1, 6) + Rational(1, 10) == Rational(4, 15));
  CHECK(Rational(1, 6) - Rational(1, 10) == Rational(1, 15));
  CHECK(Rational(2, 3) * Rational(9, 4) == Rational(3, 2));
  CHECK(Rational(2, 3) / Rational(-4, 9) == Rational(-3, 2));
  CHECK(Rational(1, 3) < Rational(34, 100));
  CHECK(Rational(-1, 3) > Rational(-34, 100));
  CHECK(Rational(-1, 3).magnitude() == Rational(1, 3));
}

TEST_CASE("the ceiling is the smallest whole number that is not below") {
  CHECK(Rational(7, 2).ceiling() == 4);
  CHECK(Rational(8, 2).ceiling() == 4);
  CHECK(Rational(-7, 2).ceiling() == -3);
  CHECK(Rational(0).ceiling() == 0);
}

TEST_CASE("a division by zero is refused and a size beyond 64 bits reported") {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(Rational(1, 0), InputError);
  CHECK_THROWS_AS(Rational(1) / Rational(0), InputError);
  CHECK_THROWS_AS(Rational(kHuge) * Rational(2), OverflowError);
  CHECK_THROWS_AS(Rational(kHuge) + Rational(1), OverflowError);
  CHECK_THROWS_AS(Rational(std::numeric_limits<std::int64_t>::min(), 3), OverflowError);
  CHECK(Rational(kHuge) * Rational(2, kHuge) == Rational(2));
}

TEST_CASE("decimals are rounded half away from zero, exactly") {
  CHECK(format_decimal(Rational(333, 20), 2) == "16.65");
  CHECK(format_decimal(Rational(1, 3), 4) == "0.3333");
  CHECK(format_decimal(Rational(25, 10), 0) == "3");
  CHECK(format_decimal(Rational(-25, 10), 0) == "-3");
  CHECK(format_decimal(Rational(-1, 1000), 1) == "0.0");
  CHECK(format_decimal(Rational(1999, 2000), 2) == "1.00");
  CHECK(format_decimal(Rational(1234567), 0) == "1,234,567");
  CHECK(format_decimal(Rational(1234567, 10), 1) == "123,456.7");
}

TEST_CASE("a printed number keeps its value and its digits") {
  CHECK(parse_decimal("31.4", "x") == Decimal{Rational(157, 5), 1});
  CHECK(parse_decimal("1.0", "x") == Decimal{Rational(1), 1});
  CHECK(parse_decimal("52600", "x") == Decimal{Rational(52600), 0});
  CHECK(parse_decimal("-0.50", "x") == Decimal{Rational(-1, 2), 2});
  for (const char* wrong : {"", "-", ".", "1.", ".5", "1e3", "1,000", "1.2.3", "+1", "1234567890123456789"}) {
    INFO(wrong);
    CHECK_THROWS_WITH(parse_decimal(wrong, "rows[0].printed"), headroom::test::contains("rows[0].printed must be"));
  }
}

#include "dynamic_code.h"

#include <catch.h>

#include <cmath>

#include "reference_code.h"

namespace headroom::test {

namespace {

using kernels::DynamicCode;

void check_code(const DynamicCode& code, const Values& expected) {
  REQUIRE(expected.size() == 256);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(static_cast<double>(code.values[i]) == Approx(expected[i]).epsilon(1e-6));
    CHECK(std::abs(code.values[i]) <= 1);
    if (i > 0) CHECK(code.values[i - 1] < code.values[i]);
  }
}

std::size_t nearest_by_search(const DynamicCode& code, float value) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < DynamicCode::kSize; ++i) {
    if (std::abs(value - code.values[i]) < std::abs(value - code.values[best])) best = i;
  }
  return best;
}

}  // namespace

TEST_CASE("A dynamic code has the 256 ascending values that its bits say, within -1 and 1") {
  check_code(kernels::kSignedCode, signed_code());
  check_code(kernels::kUnsignedCode, unsigned_code());
}

TEST_CASE("The dynamic codes have the published ends: 0, 1, and seven decades between") {
  const DynamicCode &with = kernels::kSignedCode, &without = kernels::kUnsignedCode;
  CHECK(with.values[0] == Approx(-0.99296875));  // none is -1
  CHECK(with.values[254] == Approx(0.99296875));
  CHECK(with.values[255] == 1);
  CHECK(with.values[127] == 0);
  CHECK(with.values[128] == Approx(0.55e-6));
  CHECK(without.values[0] == 0);
  CHECK(without.values[1] == Approx(0.325e-6));
  CHECK(without.values[254] == Approx(0.996484375));
  CHECK(without.values[255] == 1);
}

TEST_CASE("A value is encoded as the nearest code, from end to end") {
  for (const DynamicCode& code : {kernels::kSignedCode, kernels::kUnsignedCode}) {
    for (int i = -2000; i <= 2000; ++i) {
      const float even = static_cast<float>(i) / 2000, small = even * even * even * 1e-3F;
      for (const float value : {even, small}) {
        CAPTURE(value);
        CHECK(kernels::nearest_code(code.values, value) == nearest_by_search(code, value));
      }
    }
    for (std::size_t i = 0; i < DynamicCode::kSize; ++i) CHECK(kernels::nearest_code(code.values, code.values[i]) == i);
  }
}

}  // namespace headroom::test

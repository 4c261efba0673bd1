#include <limits>

#include <headroom/models/bytes.h>
#include <headroom/models/memory.h>

#include "catch.h"

using namespace headroom;

namespace {
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_CASE("bytes add, subtract and multiply exactly") {
  CHECK(3_GiB + 1_B == Bytes(3221225473));
  CHECK(1_KiB - 1_MiB == Bytes(1024 - 1048576));
  CHECK(7 * 3_KiB == Bytes(21504));
  CHECK(1_KiB < 1_MiB);
}

TEST_CASE("a sum, difference or product of bytes beyond 64 bits is reported, not wrapped") {
  CHECK_THROWS_AS(Bytes(kMax) + 1_B, OverflowError);
  CHECK_THROWS_AS(Bytes(kMin) - 1_B, OverflowError);
  CHECK_THROWS_AS(Bytes(kMin) + Bytes(-1), OverflowError);
  CHECK_THROWS_AS((std::int64_t{1} << 40) * 1_GiB, OverflowError);
  CHECK_THROWS_AS(-1 * Bytes(kMin), OverflowError);
  CHECK(Bytes(kMax) + 0_B == Bytes(kMax));
}

TEST_CASE("checked arithmetic agrees with plain arithmetic inside 64 bits and refuses outside") {
  CHECK(checked_add(kMax - 1, 1) == kMax);
  CHECK(checked_sub(kMin + 1, 1) == kMin);
  CHECK(checked_mul(3037000499, 3037000499) == 9223372030926249001);
  CHECK_THROWS_AS(checked_add(kMax, 1), OverflowError);
  CHECK_THROWS_AS(checked_sub(kMin, 1), OverflowError);
  CHECK_THROWS_AS(checked_mul(3037000500, 3037000500), OverflowError);
}

TEST_CASE("a quotient is rounded up, up to the largest number") {
  CHECK(ceil_div(0, 4) == 0);
  CHECK(ceil_div(8, 4) == 2);
  CHECK(ceil_div(9, 4) == 3);
  CHECK(ceil_div(kMax, 2) == kMax / 2 + 1);
}

TEST_CASE("the total over categories is the sum of all of them") {
  BytesByCategory bytes;
  CHECK(bytes.total() == 0_B);
  bytes[Category::parameters] = 5_B;
  bytes[Category::allocator_slack] = 7_B;
  CHECK(bytes.total() == 12_B);
}

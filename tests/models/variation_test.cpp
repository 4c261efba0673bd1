#include <cstdint>
#include <string>
#include <vector>

#include <headroom/models/variation.h>

#include "catch.h"

using headroom::AxisValues;
using headroom::read_variation;
using headroom::Variation;
using headroom::test::contains;

namespace {

std::vector<std::int64_t> numbers(const std::string& text) {
  const AxisValues values(text, AxisValues::Kind::numbers, "--vary seq");
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < values.count(); ++i) result.push_back(values.number(i));
  return result;
}

}  // namespace

TEST_CASE("A range is multiplied or added to, and a list joins values and ranges") {
  CHECK(numbers("8K:64K:*2") == std::vector<std::int64_t>{8192, 16384, 32768, 65536});
  CHECK(numbers("1K:4K:+1K") == std::vector<std::int64_t>{1024, 2048, 3072, 4096});
  CHECK(numbers("1K:3000:+1K") == std::vector<std::int64_t>{1024, 2048});
  CHECK(numbers("3:20:*3") == std::vector<std::int64_t>{3, 9});
  CHECK(numbers("7") == std::vector<std::int64_t>{7});
  CHECK(numbers("5,1:4:*2,9") == std::vector<std::int64_t>{5, 1, 2, 4, 9});
  CHECK(numbers("1K:1K:*2") == std::vector<std::int64_t>{1024});
  CHECK(AxisValues("1:1T,1", AxisValues::Kind::names, "x").count() == 2);
}

TEST_CASE("A range of a million million values is counted without being written out") {
  const AxisValues values("1:1099511627776:+1", AxisValues::Kind::numbers, "--vary seq");
  CHECK(values.count() == std::int64_t{1} << 40);
  CHECK(values.number(values.count() - 1) == std::int64_t{1} << 40);
}

TEST_CASE("What varies is read as its field takes it: numbers, names, or both") {
  CHECK(read_variation("batch", "1:8:*2", "Batch").values.count() == 4);
  const Variation chunks = read_variation("head-chunk", "hidden,1K:4K:*2", "Head chunk");
  CHECK(chunks.values.count() == 4);
  CHECK_FALSE(chunks.values.is_number(0));
  CHECK(chunks.values.number(3) == 4096);
  CHECK(read_variation("recompute", "none,every:2", "Recompute").values.text(1) == "every:2");
}

TEST_CASE("Values that are none are refused by a sentence with the name of what varies") {
  for (const char* values : {"", "1,", "8:1:*2", "1:8:*1", "0:8:*2", "1:8", "two", "1:8:*2:3", "-1"}) {
    INFO(values);
    CHECK_THROWS_WITH(read_variation("batch", values, "Batch"), contains("Batch"));
  }
}

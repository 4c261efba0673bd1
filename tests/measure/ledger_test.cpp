#include <headroom/measure/ledger.h>

#include "catch.h"

using namespace headroom;
using headroom::measure::Label;
using headroom::measure::Ledger;

namespace {

constexpr Label kA{"a", Category::attention};
constexpr Label kB{"b", Category::gradients};

}  // namespace

TEST_CASE("live bytes, the peak, its categories, its instant and its last tensor are told") {
  Ledger ledger;
  ledger.set_instant({"layer forward", 3});
  ledger.birth(kA, 100_B);
  ledger.birth(kB, 20_B);
  ledger.set_instant({"head", {}});
  ledger.death(kA, 100_B);
  CHECK(ledger.live() == 20_B);
  CHECK(ledger.live_by_category()[Category::gradients] == 20_B);
  CHECK(ledger.born() == 120_B);
  CHECK(ledger.peak().total == 120_B);
  CHECK(ledger.peak().categories[Category::attention] == 100_B);
  CHECK(ledger.peak().categories.total() == 120_B);
  CHECK(ledger.peak().instant.name == "layer forward");
  CHECK(ledger.peak().instant.layer == 3);
  CHECK(ledger.peak().tensor == "b");
}

TEST_CASE("the peak is the first of equal instants") {
  Ledger ledger;
  ledger.set_instant({"first", {}});
  ledger.birth(kA, 8_B);
  ledger.death(kA, 8_B);
  ledger.set_instant({"second", {}});
  ledger.birth(kB, 8_B);
  CHECK(ledger.peak().instant.name == "first");
}

TEST_CASE("a phase has a peak of its own, which starts at what lives and counts for the phases around it") {
  Ledger ledger;
  ledger.birth(kA, 50_B);
  ledger.death(kA, 50_B);
  ledger.birth(kB, 10_B);
  ledger.push();
  ledger.birth(kA, 5_B);
  ledger.push();
  CHECK(ledger.pop().total == 15_B);
  ledger.push();
  ledger.birth(kB, 15_B);
  CHECK(ledger.pop().total == 30_B);
  ledger.death(kB, 15_B);
  CHECK(ledger.pop().total == 30_B);
  CHECK(ledger.peak().total == 50_B);
  CHECK_THROWS_AS(ledger.pop(), std::logic_error);
}

TEST_CASE("the timeline has every birth and death between its beginning and its end") {
  Ledger ledger;
  ledger.birth(kA, 1_B);
  ledger.begin_timeline();
  ledger.birth(kB, 2_B);
  ledger.death(kA, 1_B);
  ledger.end_timeline();
  ledger.death(kB, 2_B);
  REQUIRE(ledger.timeline().size() == 2);
  CHECK(ledger.timeline()[0].birth);
  CHECK(ledger.timeline()[0].label.name == "b");
  CHECK_FALSE(ledger.timeline()[1].birth);
  CHECK(ledger.timeline()[1].bytes == 1_B);
}

TEST_CASE("a timeline that grows too long is cut and says so") {
  Ledger ledger;
  ledger.begin_timeline();
  for (std::size_t i = 0; i < Ledger::kMaxEvents; ++i) ledger.birth(kA, 1_B);
  CHECK_FALSE(ledger.timeline_is_cut());
  ledger.birth(kA, 1_B);
  CHECK(ledger.timeline_is_cut());
  CHECK(ledger.timeline().size() == Ledger::kMaxEvents);
}

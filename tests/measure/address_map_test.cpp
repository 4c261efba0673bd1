#include <headroom/measure/address_map.h>

#include "catch.h"

using namespace headroom;
using measure::AddressMap;

TEST_CASE("an address map adds up what lives and remembers the largest sum") {
  AddressMap map;
  map.birth(16, 100_B);
  map.birth(32, 50_B);
  map.death(16);
  map.birth(16, 70_B);
  CHECK(map.live() == 120_B);
  CHECK(map.peak() == 150_B);
  CHECK(map.births() == 3);
  CHECK(map.deaths() == 1);
  CHECK(map.unknown_deaths() == 0);
  CHECK(map.untold_deaths() == 0);
}

TEST_CASE("a death of a block that nobody knows changes no sum and is counted") {
  AddressMap map;
  map.birth(16, 100_B);
  map.death(17);
  map.death(16);
  map.death(16);
  CHECK(map.live() == 0_B);
  CHECK(map.deaths() == 1);
  CHECK(map.unknown_deaths() == 2);
}

TEST_CASE("a birth where a block still lives ends that block, and is counted") {
  AddressMap map;
  map.birth(16, 100_B);
  map.birth(16, 30_B);
  CHECK(map.live() == 30_B);
  CHECK(map.peak() == 100_B);
  CHECK(map.untold_deaths() == 1);
}

#include <gathered_record.h>

#include <array>

#include <board.h>

#include "catch.h"

using namespace headroom;
using headroom::measure::mpi::hanging_rank;
using headroom::measure::mpi::RankSign;

namespace {

Record of_rank(Bytes total, const std::string& tensor) {
  Record record;
  record.backend = "host";
  record.software = {{"headroom", "1"}, {"Eigen", "3"}};
  record.allocated.total = total;
  record.allocated.tensor = tensor;
  record.host = MeasuredPeak{total + 1_B, {}, "optimizer step", {}, tensor};
  record.witness = Witness{"VmHWM", total, 0_B};
  record.sent = MeasuredSent{2 * total, 3};
  record.runs = {{total, {}, {}, {}}};
  return record;
}

constexpr std::chrono::nanoseconds kLimit{100};

}  // namespace

TEST_CASE("the record is that of the rank with the largest total, the first of equals, and has them all") {
  const Record record =
      measure::mpi::record_of_all({of_rank(5_B, "a"), of_rank(9_B, "b"), of_rank(9_B, "c"), of_rank(7_B, "d")});
  CHECK(record.backend == "mpi");
  CHECK(record.allocated.tensor == "b");
  CHECK(record.runs.at(0).peak == 9_B);
  CHECK(record.witness->peak == 9_B);
  REQUIRE(record.ranks.size() == 4);
  CHECK(record.ranks.at(2).rank == 2);
  CHECK(record.ranks.at(2).allocated.tensor == "c");
  CHECK(record.ranks.at(3).witness->peak == 7_B);
  CHECK(record.host->tensor == "b");
  CHECK(record.ranks.at(3).host->total == 8_B);
  CHECK(record.sent == MeasuredSent{18_B, 3});
  CHECK(record.ranks.at(3).sent == MeasuredSent{14_B, 3});
}

TEST_CASE("the rank that hangs is the one without a sign of life, else the one that works for too long") {
  std::array<RankSign, 3> signs;
  for (RankSign& sign : signs) sign.alive = sign.progress = 1000;
  CHECK_FALSE(hanging_rank(signs, 1100, kLimit));
  for (RankSign& sign : signs) sign.alive = 1200;
  signs[0].waits = signs[1].waits = true;
  CHECK(hanging_rank(signs, 1200, kLimit) == 2);
  signs[1].alive = 1000;
  CHECK(hanging_rank(signs, 1200, kLimit) == 1);
  signs[1].is_done = true;
  CHECK(hanging_rank(signs, 1200, kLimit) == 2);
}

TEST_CASE("where all ranks wait, the one that has waited for longest is named; who works keeps the others waiting") {
  std::array<RankSign, 3> signs;
  for (RankSign& sign : signs) {
    sign.alive = 1200;
    sign.progress = 1050;
    sign.waits = true;
  }
  signs[1].progress = 1010;
  CHECK(hanging_rank(signs, 1200, kLimit) == 1);
  signs[2].waits = false;
  signs[2].progress = 1150;
  CHECK_FALSE(hanging_rank(signs, 1200, kLimit));
}

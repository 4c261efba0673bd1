#include <headroom/measure/device_trace.h>

#include "catch.h"

using namespace headroom;
using measure::DeviceTrace;
using measure::Marker;
using measure::MemoryEvent;

namespace {

constexpr std::uint64_t kPool = 7;

MemoryEvent birth(std::uint64_t address, Bytes bytes, std::uint64_t timestamp,
                  std::optional<std::uint64_t> pool = kPool) {
  return {true, address, bytes, timestamp, pool};
}
MemoryEvent death(std::uint64_t address, std::uint64_t timestamp, std::optional<std::uint64_t> pool = kPool) {
  return {false, address, Bytes(), timestamp, pool};
}

measure::BlockSummary summary(const DeviceTrace& trace, const std::vector<Marker>& markers = {}) {
  return measure::summarize(measure::in_order(trace, kPool), markers);
}

}  // namespace

TEST_CASE("events that arrive out of order are counted in the order in which they happened") {
  const DeviceTrace trace{{birth(16, 10_B, 5), death(16, 4), birth(16, 100_B, 1)}, {}, {}};
  const auto result = summary(trace);
  CHECK(result.peak == 100_B);
  CHECK(result.left_alive == 10_B);
  CHECK(result.unknown_deaths == 0);
  CHECK(result.untold_deaths == 0);
}

TEST_CASE("events of one nanosecond stay in the order in which they arrived") {
  const DeviceTrace trace{{birth(16, 100_B, 1), death(16, 1), birth(32, 100_B, 1), death(32, 1)}, {}, {}};
  CHECK(summary(trace).peak == 100_B);
  CHECK(summary(trace).left_alive == 0_B);
}

TEST_CASE("a pool's blocks are told from those of other pools and of none") {
  const DeviceTrace trace{
      {birth(16, 10_B, 1), birth(32, 200_B, 2, std::nullopt), birth(48, 4000_B, 3, 8), death(32, 4), death(16, 5)},
      {},
      {}};
  CHECK(summary(trace).peak == 10_B);
  CHECK(summary(trace).unknown_deaths == 0);
  const auto outside = measure::summarize(measure::in_order(trace, std::nullopt), {});
  CHECK(outside.peak == 200_B);
  CHECK(outside.left_alive == 0_B);
  CHECK(measure::summarize(measure::in_order(trace, 8), {}).left_alive == 4000_B);
}

TEST_CASE("a death that names no pool belongs to the block that lives at its address") {
  const DeviceTrace trace{{birth(16, 10_B, 1), death(16, 2, std::nullopt), birth(32, 10_B, 3)}, {}, {}};
  CHECK(summary(trace).peak == 10_B);
  CHECK(summary(trace).deaths == 1);
}

TEST_CASE("an instant's peak begins with what lives, and instants of one name are one") {
  const DeviceTrace trace{
      {birth(16, 100_B, 10), birth(32, 20_B, 20), death(32, 25), death(16, 30), birth(16, 5_B, 40)}, {}, {}};
  const std::vector<Marker> markers = {{5, "set-up"}, {15, "head"}, {28, "optimizer step"}, {35, "head"}, {50, "end"}};
  const auto instants = summary(trace, markers).instants;
  REQUIRE(instants.size() == 4);
  CHECK(instants[0] == InstantPeak{"set-up", 100_B});
  CHECK(instants[1] == InstantPeak{"head", 120_B});
  CHECK(instants[2] == InstantPeak{"optimizer step", 100_B});
  CHECK(instants[3] == InstantPeak{"end", 5_B});
}

TEST_CASE(
    "a marker comes in front of the events of its nanosecond, and nothing is no instant's in front of the first") {
  const DeviceTrace trace{{birth(16, 100_B, 1), death(16, 2), birth(16, 30_B, 3)}, {}, {}};
  const auto instants = summary(trace, {{3, "head"}}).instants;
  REQUIRE(instants.size() == 1);
  CHECK(instants[0] == InstantPeak{"head", 30_B});
}

TEST_CASE("no event at all is a peak of nothing") {
  const auto result = summary({}, {{1, "head"}});
  CHECK(result.peak == 0_B);
  CHECK(result.births == 0);
  CHECK(result.instants.at(0).peak == 0_B);
}

TEST_CASE("the pool of tensors is found by the address of the first block") {
  const DeviceTrace trace{{birth(16, 1_B, 9, 4), birth(16, 1_B, 2, 3), birth(32, 1_B, 1, std::nullopt)}, {}, {}};
  CHECK(measure::pool_of(trace, 16) == std::optional<std::uint64_t>(3));
  CHECK_FALSE(measure::pool_of(trace, 32));
  CHECK_FALSE(measure::pool_of(trace, 99));
}

TEST_CASE("a pool's highest levels are its own") {
  const DeviceTrace trace{
      {}, {{kPool, 32_MiB, 1_MiB}, {kPool, 64_MiB, 40_MiB}, {kPool, 64_MiB, 2_MiB}, {8, 1_GiB, 1_GiB}}, {}};
  const auto level = measure::highest_level(trace, kPool);
  CHECK(level.reserved == 64_MiB);
  CHECK(level.used == 40_MiB);
  CHECK(measure::highest_level(trace, 9).reserved == 0_B);
}

TEST_CASE("kernels are summed up by name, the longest first, and only so many") {
  const std::vector<measure::KernelEvent> kernels = {
      {"a", 0, 1000, 0_B}, {"b", 0, 5000, 3_MiB}, {"a", 2000, 3000, 1_MiB}, {"c", 10, 5, 0_B}};
  const auto times = measure::kernel_times(kernels, 2);
  REQUIRE(times.size() == 2);
  CHECK(times[0].kernel == "b");
  CHECK(times[0].time.count == Approx(5e-6));
  CHECK(times[1].kernel == "a");
  CHECK(times[1].launches == 2);
  CHECK(times[1].time.count == Approx(2e-6));
  CHECK(measure::largest_local_memory(kernels) == 3_MiB);
}

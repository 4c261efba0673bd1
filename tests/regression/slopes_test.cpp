#include "catch.h"

#include "bench.h"
#include "slope_job.h"

namespace headroom {
namespace {

constexpr std::int64_t kElement = 2;  // bytes of bf16

Bytes peak(Attention attention, FeedForward feed_forward, std::int64_t seq) {
  Job job = test::slope_job(attention, feed_forward, {1, 1, 64});
  job.seq = Tokens(seq);
  const MeasuredPeak result = test::measured(job).allocated;
  REQUIRE(result.instant == "layer backward");
  return result.total;
}

/// Elements of s·h that doubling the sequence costs, without the layer inputs that full recompute keeps.
double slope(Attention attention, FeedForward feed_forward) {
  constexpr std::int64_t kSeq = 1024;
  const Bytes once = peak(attention, feed_forward, kSeq), twice = peak(attention, feed_forward, 2 * kSeq);
  constexpr double kSavedInputs = 1;
  return static_cast<double>((twice - once).count()) / static_cast<double>(kElement * kSeq * 128) - kSavedInputs;
}

}  // namespace

TEST_CASE("measured: a longer sequence costs a bpt layer at most 7.2 elements of b*s*h, flash 16.2, mst 12.5") {
  CHECK(slope(Attention::flash, FeedForward::blockwise) <= 7.2);
  CHECK(slope(Attention::flash, FeedForward::whole) <= 16.2);
  CHECK(slope(Attention::flash, FeedForward::chunked) <= 12.5);
}

TEST_CASE("measured: vanilla attention holds two score tensors and nothing else that grows with the square") {
  constexpr std::int64_t kSeq = 1536;  // scores outweigh the feed-forward
  const auto bytes = [](std::int64_t seq) { return peak(Attention::vanilla, FeedForward::whole, seq).count(); };
  const std::int64_t second_difference = bytes(3 * kSeq) - 2 * bytes(2 * kSeq) + bytes(kSeq);
  CHECK(second_difference == 2 * (2 * kElement * kSeq * kSeq));
}

}  // namespace headroom

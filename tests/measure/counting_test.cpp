#include <counting.h>

#include "catch.h"

using namespace headroom;
using headroom::kernels::ConstView;
using headroom::kernels::Type;
using headroom::kernels::View;
using headroom::kernels::whole_view;

namespace {

/// A rank of a group whose messages go nowhere.
class SilentGroup : public measure::RankGroup {
 public:
  SilentGroup(std::int64_t rank, std::int64_t size) : rank_(rank), size_(size) {}

  [[nodiscard]] std::int64_t rank() const override { return rank_; }
  [[nodiscard]] std::int64_t size() const override { return size_; }
  void gather_tokens(View, ConstView) override {}
  void reduce_scatter_tokens(View, ConstView) override {}
  void tokens_to_heads(View, ConstView) override {}
  void heads_to_tokens(View, ConstView) override {}
  void begin_passing(View, ConstView) override {}
  void finish_passing() override {}
  void all_reduce(View) override {}
  void all_reduce_max(View) override {}
  void gather_parts(View) override {}
  void gather_parts(View, ConstView) override {}
  void reduce_scatter_parts(View, ConstView) override {}
  void barrier() override {}

 private:
  std::int64_t rank_;
  std::int64_t size_;
};

View bf16(std::int64_t batch, std::int64_t rows, std::int64_t width) {
  return whole_view(nullptr, Type::bf16, batch, rows, width);
}

/// What rank `rank` of `size` counts while `call` is made.
template <class Call>
MeasuredSent counted(std::int64_t rank, std::int64_t size, const Call& call) {
  SilentGroup group(rank, size);
  MeasuredSent sent;
  measure::CountingGroup counting(group, sent);
  call(counting);
  return sent;
}

}  // namespace

TEST_CASE("token runs are counted once for each other rank, gathered or reduce-scattered") {
  const MeasuredSent expected{3 * Bytes(160), 3};  // 2 x 5 x 8 elements
  CHECK(counted(1, 4, [](auto& group) { group.gather_tokens(bf16(2, 20, 8), bf16(2, 5, 8)); }) == expected);
  CHECK(counted(1, 4, [](auto& group) { group.reduce_scatter_tokens(bf16(2, 5, 8), bf16(2, 20, 8)); }) == expected);
}

TEST_CASE("an exchange of heads sends all but an N-th of a tensor") {
  const MeasuredSent expected{3 * Bytes(40), 3};  // 2 x 5 x 2 elements
  CHECK(counted(0, 4, [](auto& group) { group.tokens_to_heads(bf16(2, 20, 2), bf16(2, 5, 8)); }) == expected);
  CHECK(counted(0, 4, [](auto& group) { group.heads_to_tokens(bf16(2, 5, 8), bf16(2, 20, 2)); }) == expected);
}

TEST_CASE("a head that two ranks read is sent to both") {
  const MeasuredSent expected{3 * Bytes(80), 3};  // 2 x 5 x 4 elements
  CHECK(counted(0, 4, [](auto& group) { group.tokens_to_heads(bf16(2, 20, 4), bf16(2, 5, 8)); }) == expected);
}

TEST_CASE("a passed tensor is one message, and none where the ring has one place") {
  const auto pass = [](auto& group) {
    group.begin_passing(bf16(1, 3, 5), bf16(1, 3, 5));
    group.finish_passing();
  };
  CHECK(counted(2, 4, pass) == MeasuredSent{30_B, 1});
  CHECK(counted(0, 1, pass) == MeasuredSent{});
}

TEST_CASE("parts are counted without padding, and an empty part is no message") {
  // Five elements in parts of 2, 2, 1 and 0.
  const View whole = bf16(1, 1, 5), shard = bf16(1, 1, 2);
  const MeasuredSent gathered[] = {{12_B, 3}, {12_B, 3}, {6_B, 3}, {0_B, 0}};
  const MeasuredSent scattered[] = {{6_B, 2}, {6_B, 2}, {8_B, 2}, {10_B, 3}};
  for (std::int64_t rank = 0; rank < 4; ++rank) {
    const MeasuredSent &g = gathered[rank], &s = scattered[rank];
    CHECK(counted(rank, 4, [&](auto& group) { group.gather_parts(whole); }) == g);
    CHECK(counted(rank, 4, [&](auto& group) { group.gather_parts(whole, shard); }) == g);
    CHECK(counted(rank, 4, [&](auto& group) { group.reduce_scatter_parts(shard, whole); }) == s);
    CHECK(counted(rank, 4, [&](auto& group) { group.all_reduce(whole); }) ==
          MeasuredSent{g.bytes + s.bytes, g.messages + s.messages});
  }
}

TEST_CASE("a maximum is counted like a sum, and rows of a block as if they lay one behind the other") {
  const View row_max = whole_view(nullptr, Type::fp32, 1, 5, 1);
  const auto sum = [&](auto& group) { group.all_reduce(row_max); };
  CHECK(counted(1, 4, [&](auto& group) { group.all_reduce_max(row_max); }) == counted(1, 4, sum));
  const View block = kernels::rows_of(bf16(2, 9, 8), 3, 5);
  CHECK(counted(1, 4, [&](auto& group) { group.all_reduce(block); }) ==
        counted(1, 4, [&](auto& group) { group.all_reduce(bf16(2, 5, 8)); }));
}

TEST_CASE("a barrier sends nothing") {
  CHECK(counted(0, 4, [](auto& group) { group.barrier(); }) == MeasuredSent{});
}

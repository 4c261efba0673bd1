// The kernels for tensor cores, held against the host's: bf16, the head sizes that have one, odd numbers of rows.

#include <catch.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "attention_operands.h"
#include "attention_ways.h"
#include "host_device.h"

namespace headroom::test {

namespace {

constexpr Dropout kNone{};
constexpr Dropout kDropout{0.3F, 7};

constexpr AttentionSizes kSizes[] = {
    {2, 1, {1, 1, 64, false}, kNone},      {1, 200, {2, 1, 64, true}, kNone},
    {1, 130, {1, 1, 64, false}, kDropout}, {1, 17, {4, 1, 80, false}, kNone},
    {2, 65, {1, 1, 80, true}, kDropout},   {1, 130, {2, 1, 80, true}, kNone},
    {1, 64, {2, 1, 96, true}, kNone},      {1, 65, {1, 1, 96, false}, kDropout},
    {1, 200, {1, 1, 96, false}, kNone},    {1, 1, {4, 4, 128, true}, kNone},
    {2, 17, {4, 2, 128, true}, kNone},     {1, 65, {1, 1, 128, false}, kNone},
    {1, 130, {2, 1, 128, true}, kDropout}, {1, 200, {1, 1, 128, true}, kNone},
    {1, 300, {2, 1, 64, true, 90}, kNone}, {1, 270, {1, 1, 80, true, 33}, kDropout},
    {1, 290, {1, 1, 128, true, 7}, kNone},
};

Device& host() {
  static HostDevice host(1);
  return host;
}

/// ||a - b|| / ||b||, infinite where that is no number.
double relative_error(const Values& actual, const Values& expected) {
  REQUIRE(actual.size() == expected.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  if (difference == 0) return 0;
  return std::isnan(difference / size) ? INFINITY : std::sqrt(difference / size);
}

void check_alike(const AttentionResult& actual, const AttentionResult& expected, const AttentionSizes& s) {
  constexpr double kLimit = 1e-2;
  CHECK(relative_error(actual.out, expected.out) <= kLimit);
  CHECK(relative_error(actual.dv, expected.dv) <= kLimit);
  if (s.seq == 1) {
    // The only probability is 1: what is left of its gradient is rounding.
    for (const Values* values : {&actual.dq, &actual.dk}) {
      for (const double value : *values) CHECK(std::abs(value) <= kLimit);
    }
    return;
  }
  CHECK(relative_error(actual.dq, expected.dq) <= kLimit);
  CHECK(relative_error(actual.dk, expected.dk) <= kLimit);
}

/// body(case) over all sizes, operands in the middle of longer tensors.
template <class Body>
void for_each_case(const Body& body) {
  for (const AttentionSizes& s : kSizes) {
    CAPTURE(s.batch, s.seq, s.heads.heads, s.heads.kv_heads, s.heads.head_dim, s.heads.causal, s.dropout.probability);
    const AttentionCase c(s, Type::bf16, Place::chunk);
    for (const Operand* operand : {&c.q, &c.k, &c.v, &c.d_out}) {
      REQUIRE(kernels::cuda::suits_tensor_cores(operand->view()));
    }
    body(c);
  }
}

}  // namespace

TEST_CASE("Tiled attention on tensor cores is the host's, whole or by query blocks") {
  for_each_case([](const AttentionCase& c) {
    for (const std::int64_t queries : {1000, 70}) {
      if (queries < 1000 && c.sizes.seq <= queries) continue;
      CAPTURE(queries);
      check_alike(flash_attention(device(), c, queries), flash_attention(host(), c, queries), c.sizes);
    }
  });
}

TEST_CASE("Blockwise attention on tensor cores is the host's") {
  for_each_case([](const AttentionCase& c) {
    if (c.sizes.seq == 200) return;
    const BlockSizes blocks{c.sizes.seq > 64 ? 100 : 1000, 40, false};
    check_alike(block_attention(device(), c, blocks), block_attention(host(), c, blocks), c.sizes);
  });
}

TEST_CASE("Tiled attention on tensor cores writes all of its outputs, in their types, and nothing else") {
  constexpr AttentionSizes kOne{2, 65, {2, 1, 80, true}, kDropout};
  const AttentionCase c(kOne, Type::bf16, Place::chunk);
  for (const Type type : kFloating) {
    std::vector<Values> results[2];
    for (Device* device : {&test::device(), &host()}) {
      const Operand out(*device, type, kOne.queries(), Place::chunk), lse(*device, Type::fp32, kOne.statistics());
      const Operand delta(*device, Type::fp32, kOne.statistics());
      const Operand dq(*device, Type::fp32, kOne.queries(), Place::chunk);
      Operand dk(*device, type, kOne.keys(), Place::chunk), dv(*device, type, kOne.keys(), Place::chunk);
      dk.fill(1);
      dv.fill(-2);
      device->backend().flash(out, lse, c.q, c.k, c.v, kOne.block());
      device->backend().attention_delta(delta, c.d_out, out, kOne.heads);
      device->backend().flash_backward(dq, dk, dv, Write::add, {c.q, c.k, c.v, c.d_out, lse, delta}, kOne.block());
      for (const Operand* output : std::initializer_list<const Operand*>{&out, &lse, &delta, &dq, &dk, &dv}) {
        CHECK(output->surroundings_untouched());
        results[device == &host()].push_back(output->values());
      }
    }
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      CAPTURE(static_cast<int>(type), i);
      CHECK(relative_error(results[0][i], results[1][i]) <= 1e-2);
    }
  }
}

TEST_CASE("Queries on tensor cores that read no key give zeros and a logsumexp of minus infinity") {
  constexpr AttentionSizes kOne{1, 20, {1, 1, 64, true}, kNone};
  const AttentionCase c(kOne, Type::bf16);
  const Operand out(device(), Type::bf16, kOne.queries()), lse(device(), Type::fp32, kOne.statistics());
  const Operand delta(device(), Type::fp32, kOne.statistics()), dq(device(), Type::fp32, kOne.queries());
  const Operand dk(device(), Type::bf16, kOne.keys()), dv(device(), Type::bf16, kOne.keys());
  for (const std::int64_t first_key : {7, 20}) {
    CAPTURE(first_key);
    const kernels::AttentionBlock block = kOne.block(0, first_key);
    backend().flash(out, lse, c.q, c.k, c.v, block);
    backend().attention_delta(delta, c.d_out, out, kOne.heads);
    backend().flash_backward(dq, dk, dv, Write::set, {c.q, c.k, c.v, c.d_out, lse, delta}, block);
    const Values values = out.values(), gradients = dq.values(), sums = lse.values();
    for (std::size_t i = 0; i < static_cast<std::size_t>(first_key); ++i) {
      CHECK(sums[i] == -INFINITY);
      CHECK(values[64 * i] == 0);
      CHECK(gradients[64 * i] == 0);
    }
    for (const Operand* gradient : {&dq, &dk, &dv}) {
      for (const double value : gradient->values()) CHECK_FALSE(std::isnan(value));
    }
  }
}

TEST_CASE("What tensor cores cannot read goes another way: other types, head sizes and alignments") {
  const Operand bf16(device(), Type::bf16, {2, 3, 64}), fp32(device(), Type::fp32, {2, 3, 64});
  const Operand odd(device(), Type::bf16, {2, 3, 60});
  CHECK(kernels::cuda::suits_tensor_cores(bf16.view()));
  CHECK(kernels::cuda::suits_tensor_cores({}));
  CHECK_FALSE(kernels::cuda::suits_tensor_cores(fp32.view()));
  CHECK_FALSE(kernels::cuda::suits_tensor_cores(odd.view()));
  View shifted = bf16.view();
  shifted.data = static_cast<std::byte*>(shifted.data) + 2;
  CHECK_FALSE(kernels::cuda::suits_tensor_cores(shifted));
  // 64 columns, but rows that begin anywhere.
  const AttentionSizes sizes{1, 10, {1, 1, 64, true}, kNone};
  const AttentionCase c(sizes, Type::bf16);
  const Operand longer(device(), Type::bf16, {1, 11, 64}), out(device(), Type::bf16, sizes.queries());
  View q = rows_of(longer, 0, 10);
  q.data = static_cast<std::byte*>(q.data) + 2;
  std::memcpy(q.data, c.q.view().data, std::size_t{10} * 64 * 2);
  backend().flash(out, {}, q, c.k, c.v, sizes.block());
  CHECK(relative_error(out.values(), flash_attention(host(), c, 10).out) <= 1e-2);
}

}  // namespace headroom::test

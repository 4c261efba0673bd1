// The published formulas beside numbers that the papers print or that follow from their text by hand.

#include <headroom/models/error.h>
#include <headroom/sim/published.h>

#include "catch.h"

namespace headroom::test {
namespace {

namespace korthikanti = sim::published::korthikanti;
namespace ring = sim::published::ring_table1;
using sim::published::Symbols;

}  // namespace

TEST_CASE("Korthikanti et al. count 34 and 5as/h = 80 units of sbh a layer for GPT-3 175B") {
  const Symbols gpt3{1, 2048, 12288, 96, 96, 51200, 0};
  const std::int64_t sbh = 2048 * std::int64_t{12288};
  CHECK(korthikanti::layer(gpt3) == Bytes((34 + 80) * sbh));
  CHECK(korthikanti::layer_selective(gpt3) == Bytes(34 * sbh));
  CHECK(korthikanti::layer_full_recompute(gpt3) == Bytes(2 * sbh));
}

TEST_CASE("Korthikanti et al. add attention, feed-forward and layer norms up to a layer") {
  const Symbols x{3, 100, 40, 5, 7, 11, 0};  // sbh = 12000, as^2b = 150000
  CHECK(korthikanti::attention(x) == Bytes(132000 + 750000));
  CHECK(korthikanti::mlp(x) == Bytes(228000));
  CHECK(korthikanti::layer_norms(x) == Bytes(48000));
  CHECK(korthikanti::layer(x) == korthikanti::attention(x) + korthikanti::mlp(x) + korthikanti::layer_norms(x));
}

TEST_CASE("Korthikanti et al. count an embedding mask, a norm, the head's input and fp32 logits outside the layers") {
  const Symbols x{3, 100, 40, 5, 7, 11, 0};
  CHECK(korthikanti::outside_layers(x) == Bytes(12000 + 24000 + 24000 + 13200));
}

TEST_CASE("Ring Attention's table 1 counts scores, a sequence with chunks, and blocks alone") {
  const Symbols x{2, 1000, 64, 4, 1, 1, 50};  // bsh = 128000, bch = 6400, bns^2 = 8000000
  CHECK(ring::vanilla(x).self_attention == Bytes(16000000));
  CHECK(ring::vanilla(x).feed_forward == Bytes(1024000));
  CHECK(ring::vanilla(x).total() == Bytes(16000000));
  CHECK(ring::memory_efficient(x).self_attention == Bytes(256000 + 25600));
  CHECK(ring::memory_efficient(x).total() == Bytes(1024000));
  CHECK(ring::memory_efficient_ffn(x).self_attention == Bytes(256000));
  CHECK(ring::memory_efficient_ffn(x).total() == Bytes(256000));
}

TEST_CASE("published formulas report sizes beyond 64 bits") {
  const Symbols absurd{1, std::int64_t{1} << 40, 1, 1, 1, 1, 1};
  CHECK_THROWS_AS(korthikanti::layer(absurd), OverflowError);
  CHECK_THROWS_AS(ring::vanilla(absurd), OverflowError);
}

}  // namespace headroom::test

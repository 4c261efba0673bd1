// The published formulas beside numbers that the papers print or that follow from their text by hand.

#include <string>

#include <headroom/models/error.h>
#include <headroom/models/rational.h>
#include <headroom/sim/published.h>

#include "catch.h"

namespace headroom::test {
namespace {

namespace flash = sim::published::flash_table21;
namespace korthikanti = sim::published::korthikanti;
namespace memo = sim::published::memo;
namespace rabe_staats = sim::published::rabe_staats;
namespace ring = sim::published::ring_table1;
namespace ring_rule = sim::published::ring;
namespace sppo = sim::published::sppo;
namespace transformer_math = sim::published::transformer_math;
namespace ulysses = sim::published::ulysses;
namespace zero = sim::published::zero;
using sim::published::Symbols;

/// Table 3 of Korthikanti et al. with the micro-batch, the degrees and the model chunks of its rows.
Symbols model_22b() { return {4, 2048, 6144, 64, 48, 51200, 0, 8, 1, 1}; }
Symbols model_175b() { return {1, 2048, 12288, 96, 96, 51200, 0, 8, 8, 3}; }
Symbols model_530b() { return {1, 2048, 20480, 128, 105, 51200, 0, 8, 35, 3}; }
Symbols model_1t() { return {1, 2048, 25600, 160, 128, 51200, 0, 8, 64, 1}; }

std::string gib(const Rational& bytes, int decimals) {
  return format_decimal(bytes / Rational(std::int64_t{1} << 30), decimals);
}

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

TEST_CASE("FlashAttention's table 21 counts tensors of attention, and sums of dQ behind the first block of keys") {
  const Symbols x{2, 300, 128, 2};  // heads of 64; bsh = 76800 elements, bas^2 = 360000, bas = 1200
  CHECK(flash::pytorch(x) == Bytes(2 * (4 * 360000 + 10 * 76800)));
  CHECK(flash::flash(x) == Bytes(2 * 11 * 76800 + 4 * 2 * 1200 + 4 * 76800));
  const Symbols one_block{2, 256, 128, 2};
  CHECK(flash::flash(one_block) == Bytes(2 * 11 * 65536 + 4 * 2 * 1024));
  const Symbols wide_heads{2, 256, 128, 1};  // one head of 128, blocks of 128 keys
  CHECK(flash::key_block(wide_heads) == 128);
  CHECK(flash::flash(wide_heads) == Bytes(2 * 11 * 65536 + 4 * 2 * 512 + 4 * 65536));
}

TEST_CASE("Rabe and Staats count bf16 inputs, fp32 scores, and with chunks a tile of them or the output") {
  const Symbols x{2, 1000, 64, 3, 1, 1, 100};  // bsh = 128000, bas^2 = 6000000
  CHECK(rabe_staats::arrays(x) == Bytes(3 * 2 * 128000 + 4 * 128000));
  CHECK(rabe_staats::gradient_arrays(x) == Bytes(2 * 3 * 2 * 128000));
  CHECK(rabe_staats::standard(x) == Bytes(4 * 6000000));
  CHECK(rabe_staats::gradient_standard(x) == Bytes(2 * 4 * 6000000));
  CHECK(rabe_staats::chunked(x, 300) == Bytes(4 * 2 * 3 * 100 * 300));
  CHECK(rabe_staats::chunked(x, 10) == Bytes(4 * 128000));
  CHECK(rabe_staats::gradient_chunked(x) == Bytes(4 * 2 * 3 * 100 * 1000));
  const Symbols shorter{1, 50, 1, 1, 1, 1, 100};
  CHECK(rabe_staats::chunked(shorter, 300) == Bytes(4 * 50 * 50));
  CHECK(rabe_staats::gradient_chunked(shorter) == Bytes(4 * 50 * 50));
}

TEST_CASE("Transformer Math 101 shares weights by stages and tensor ranks, the optimizer by all, gradients by stages") {
  CHECK(transformer_math::states_3d(120, 8, 2, 4) == Rational(2 * 120 / 8 + 12 * 120 / 8 + 2 * 120 / 2));
  CHECK(transformer_math::states_3d(1, 3, 1, 1) == Rational(8));
}

TEST_CASE("Ring Attention counts 24bsh^2 + 4bs^2h FLOPs a layer, of which a token has its share") {
  const Symbols x{1, 1000, 64};
  CHECK(ring_rule::flops_per_token(x) * 1000 == 24 * 1000 * 64 * 64 + 4 * 1000 * 1000 * 64);
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

TEST_CASE("Korthikanti et al.'s table 2 has the coefficients that it prints, by every way to share a layer") {
  const Symbols x{3, 100, 40, 5, 7, 11, 0, 4};  // sbh = 12000, 5as/h = 62.5
  CHECK(korthikanti::layer_tensor(x) == Rational(12000 * (10 + 6)) + Rational(750000, 4));
  CHECK(korthikanti::layer_tensor_sequence(x) == Rational(12000 * 34 + 750000, 4));
  CHECK(korthikanti::layer_tensor_selective(x) == Rational(12000 * (10 + 6)));
  CHECK(korthikanti::layer_tensor_sequence_selective(x) == Rational(12000 * 34, 4));
  Symbols one = x;
  one.t = 1;
  CHECK(korthikanti::layer_tensor(one) == Rational(korthikanti::layer(one).count()));
  CHECK(korthikanti::layer_tensor_sequence(one) == korthikanti::layer_tensor(one));
  CHECK(korthikanti::layer_tensor_selective(one) == Rational(korthikanti::layer_selective(one).count()));
}

TEST_CASE("Korthikanti et al.'s first stage holds L layers of table 2, more of them by interleaving") {
  const Symbols x = model_530b();
  CHECK(korthikanti::first_stage(x) == Rational(105) * korthikanti::layer_tensor_sequence(x));
  CHECK(korthikanti::interleaving(x) == Rational(139, 105));
  CHECK(korthikanti::interleaving(model_175b()) == Rational(31, 24));
  CHECK(korthikanti::interleaving(model_22b()) == Rational(1));
}

TEST_CASE("Korthikanti et al.'s figure 1 is 18 bytes a parameter and table 2 of the first stage") {
  CHECK(gib(korthikanti::model_states(model_22b()), 1) == "46.2");
  CHECK(gib(korthikanti::model_states(model_175b()), 1) == "45.7");
  CHECK(gib(korthikanti::model_states(model_530b()), 1) == "31.7");
  CHECK(gib(korthikanti::model_states(model_1t()), 1) == "33.0");
  const auto baseline = [](const Symbols& x) { return gib(korthikanti::stage(korthikanti::layer_tensor(x), x), 2); };
  CHECK(baseline(model_22b()) == "59.25");
  CHECK(baseline(model_175b()) == "66.84");
  CHECK(baseline(model_530b()) == "114.02");
  CHECK(baseline(model_1t()) == "131.25");
}

TEST_CASE("Korthikanti et al.'s section 4.3 adds an embedding mask a stage, and the head where one stage is all") {
  const Symbols x{3, 100, 40, 5, 7, 11, 0, 4, 2, 1};  // sbh = 12000
  CHECK(korthikanti::extra_terms(x) == Rational(12000 * 2, 4));
  Symbols one = x;
  one.p = 1;
  CHECK(korthikanti::extra_terms(one) == Rational(12000 * 5 + 4 * 100 * 3 * 11, 4));
  one.t = 1;
  CHECK(korthikanti::extra_terms(one) == Rational(korthikanti::outside_layers(one).count()));
}

TEST_CASE("Korthikanti et al. free 2.73 GiB of output tensors on the first stage of 530B") {
  CHECK(gib(Rational(korthikanti::freed_outputs(model_530b()).count()), 2) == "2.73");
}

TEST_CASE("Ring Attention's six blocks are 6bch elements, which its table 1 calls bytes") {
  const Symbols x{2, 1000, 64, 4, 1, 1, 50};  // bch = 6400
  CHECK(ring::ring(x).self_attention == Bytes(6 * 6400));
  CHECK(ring::ring(x).feed_forward == Bytes(2 * 6400));
  CHECK(ring::ring(x).total() == Bytes(6 * 6400));
  CHECK(ring_rule::blocks(x, 2) == Bytes(12 * 6400));
}

TEST_CASE("Ring Attention overlaps from F/B tokens a block and six blocks a device on") {
  CHECK(ring_rule::minimal_block(312'000'000'000'000, 300'000'000'000) == Rational(1040));
  CHECK(ring_rule::minimal_sequence(312'000'000'000'000, 300'000'000'000) == Rational(6240));
  CHECK(ring_rule::minimal_block(123'000'000'000'000, 112'000'000'000) == Rational(123000, 112));
  CHECK(format_decimal(ring_rule::minimal_sequence(123'000'000'000'000, 112'000'000'000), 0) == "6,589");
}

TEST_CASE("Ulysses carries a P-th of what Megatron's sequence parallelism carries") {
  CHECK(ulysses::link_elements(131072, 4096, 64) == Rational(4 * std::int64_t{131072} * 64));
  CHECK(ulysses::megatron_link_elements(131072, 4096) == 4 * std::int64_t{131072} * 4096);
  CHECK(ulysses::link_elements(10, 1, 3) == Rational(40, 3));
}

TEST_CASE("MEMO and SPPO count 16 elements of bsh a layer, 4096 GiB for 7B at 1M tokens") {
  const Symbols gpt7b{1, 1 << 20, 4096, 32, 32, 50257};
  CHECK(memo::skeletal_elements(gpt7b) == 16 * (std::int64_t{1} << 20) * 4096);
  CHECK(memo::skeletal(gpt7b) == 4096_GiB);
  CHECK(memo::layer_inputs(gpt7b) == 256_GiB);
  CHECK(sppo::activations(gpt7b) == memo::skeletal(gpt7b));
}

TEST_CASE("ZeRO leaves 120, 31.4, 16.6 and 1.9 GB of 7.5B parameters on each of 64 ranks") {
  const std::int64_t parameters = 7'500'000'000;
  const auto gb = [](const Rational& bytes) { return format_decimal(bytes / Rational(1'000'000'000), 1); };
  CHECK(gb(zero::baseline(parameters)) == "120.0");
  CHECK(gb(zero::stage1(parameters, 64)) == "31.4");
  CHECK(gb(zero::stage2(parameters, 64)) == "16.6");
  CHECK(gb(zero::stage3(parameters, 64)) == "1.9");
  CHECK(zero::stage3(parameters, 1) == zero::baseline(parameters));
}

TEST_CASE("published formulas report sizes beyond 64 bits") {
  const Symbols absurd{1, std::int64_t{1} << 40, 1, 1, 1, 1, 1};
  CHECK_THROWS_AS(korthikanti::layer(absurd), OverflowError);
  CHECK_THROWS_AS(ring::vanilla(absurd), OverflowError);
  CHECK_THROWS_AS(korthikanti::layer_tensor(absurd), OverflowError);
  CHECK_THROWS_AS(ulysses::megatron_link_elements(absurd.s, absurd.s), OverflowError);
  CHECK_THROWS_AS(zero::baseline(absurd.s * (1 << 20)), OverflowError);
}

}  // namespace headroom::test

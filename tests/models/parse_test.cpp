#include <headroom/models/format.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

TEST_CASE("a length is a number of tokens, or one with K or M, which are binary") {
  const std::pair<std::string, std::int64_t> rows[] = {
      {"131072", 131072}, {"128K", 131072}, {"128k", 131072}, {"1M", 1048576},    {" 1 M ", 1048576},
      {"1.5M", 1572864},  {"0.5K", 512},    {"1", 1},         {"1024M", 1 << 30}, {"1048576M", std::int64_t{1} << 40},
  };
  for (const auto& [text, count] : rows) CHECK(parse_tokens(text, "--seq") == Tokens(count));
}

TEST_CASE("a length that is not a positive whole number of tokens is refused by the option's name") {
  for (const std::string text : {"",
                                 "K",
                                 "-1",
                                 "0",
                                 "0K",
                                 "1.3",
                                 "1.0001K",
                                 "12X",
                                 "1 2",
                                 "1e6",
                                 "0x10",
                                 "1K5",
                                 ".5K",
                                 "1.K",
                                 "1..5K",
                                 "1048577M",
                                 "9999999999999999999999",
                                 "128KiB",
                                 "\xff",
                                 "nan"}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { (void)parse_tokens(text, "--seq"); }), contains("--seq must be a whole number of tokens"));
  }
}

TEST_CASE("a budget is bytes, binary units or decimal units") {
  const std::pair<std::string, std::int64_t> rows[] = {
      {"1073741824", 1073741824},
      {"80GiB", 85899345920},
      {"80 GB", 80000000000},
      {"512MiB", 536870912},
      {"1.5 GiB", 1610612736},
      {"17B", 17},
      {"1kib", 1024},
      {"2TiB", 2199023255552},
      {"79.15GiB", 84986665369},
  };
  for (const auto& [text, count] : rows) CHECK(parse_bytes(text, "--budget") == Bytes(count));
}

TEST_CASE("a budget without a unit that says binary or decimal, or beyond 63 bits, is refused") {
  for (const std::string text : {"", "80G", "GiB", "-1GiB", "0", "0.4B", "1.5.5GiB", "10000000000GiB", "8388608TiB",
                                 "ten", "999999999999999999999"}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { (void)parse_bytes(text, "--budget"); }), contains("--budget must be a positive number"));
  }
}

TEST_CASE("FLOP/s and bytes a second are read in decimal units, with or without the unit's tail") {
  for (const std::string text : {"312T", "312 TFLOP/s", "312TFLOPS", "0.312P", "312000000000000"}) {
    CAPTURE(text);
    CHECK(parse_flops(text, "--flops") == 312'000'000'000'000);
  }
  for (const std::string text : {"12.5GB/s", "12.5 GB", "12500MB/s", "12500000000"}) {
    CAPTURE(text);
    CHECK(parse_bandwidth(text, "--bandwidth") == 12'500'000'000);
  }
  for (const std::string text : {"", "T", "-1T", "0", "312TB", "1e15", "99999999P"}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { (void)parse_flops(text, "--flops"); }), contains("--flops must be a positive number"));
  }
  for (const std::string text : {"", "GB/s", "0", "200Gb/s", "1e9", "300GB/h"}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { (void)parse_bandwidth(text, "--bandwidth"); }),
               contains("--bandwidth must be a positive"));
  }
}

TEST_CASE("a chunk is a number of tokens or a rule") {
  CHECK(parse_chunk("2048", "--ffn-chunk") == Chunk{ChunkRule::tokens, Tokens(2048)});
  CHECK(parse_chunk("4K", "--ffn-chunk") == Chunk{ChunkRule::tokens, Tokens(4096)});
  for (const auto& rule : values_of<ChunkRule>()) {
    if (rule.value == ChunkRule::tokens) continue;
    CHECK(parse_chunk(rule.name, "--ffn-chunk") == Chunk{rule.value, Tokens(0)});
  }
  CHECK_THAT(refusal([] { (void)parse_chunk("hiden", "--ffn-chunk"); }), contains("did you mean 'hidden'?"));
  CHECK_THAT(refusal([] { (void)parse_chunk("tokens", "--ffn-chunk"); }), contains("vocab-over-hidden"));
  CHECK_THAT(refusal([] { (void)parse_chunk("0", "--ffn-chunk"); }), contains("--ffn-chunk must be"));
}

TEST_CASE("recompute is none, selective, full or every k-th layer") {
  CHECK(parse_recompute("none", "--recompute") == Recompute{RecomputeKind::none, 1});
  CHECK(parse_recompute("selective", "--recompute") == Recompute{RecomputeKind::selective, 1});
  CHECK(parse_recompute("full", "--recompute") == Recompute{RecomputeKind::full, 1});
  CHECK(parse_recompute("every:4", "--recompute") == Recompute{RecomputeKind::every, 4});
  for (const std::string text : {"", "every", "every:", "every:0", "every:-1", "every:2K", "every:1.5", "all"}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { (void)parse_recompute(text, "--recompute"); }), contains("every:K with K at least 1"));
  }
  CHECK_THAT(refusal([] { (void)parse_recompute("fulll", "--recompute"); }), contains("did you mean 'full'?"));
}

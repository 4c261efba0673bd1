#include <limits>

#include <headroom/models/format.h>

#include "catch.h"

using namespace headroom;

TEST_CASE("bytes are printed in the largest binary unit that needs less than 1024 of it, with three or four digits") {
  const std::pair<Bytes, std::string> rows[] = {
      {0_B, "0 B"},
      {17_B, "17 B"},
      {1023_B, "1023 B"},
      {1_KiB, "1.00 KiB"},
      {1536_B, "1.50 KiB"},
      {10_KiB, "10.00 KiB"},
      {8519680_B, "8.13 MiB"},
      {512_MiB, "512.0 MiB"},
      {1000_MiB, "1000 MiB"},
      {Bytes(64241901568), "59.83 GiB"},
      {Bytes(84987084800), "79.15 GiB"},
      {80_GiB, "80.00 GiB"},
      {1_GiB - 1_B, "1.00 GiB"},
      {1_MiB - 1_B, "1.00 MiB"},
      {Bytes(1024 * 1024 - 512), "1.00 MiB"},
      {Bytes(1024 * 1024 - 513), "1023 KiB"},
      {Bytes(std::numeric_limits<std::int64_t>::max()), "8.00 EiB"},
      {Bytes(std::numeric_limits<std::int64_t>::min()), "-8.00 EiB"},
      {Bytes(-17), "-17 B"},
      {0_B - 1536_MiB, "-1.50 GiB"},
  };
  for (const auto& [bytes, text] : rows) CHECK(format_bytes(bytes) == text);
}

TEST_CASE("rounding never shows five digits or 1024 of a unit") {
  CHECK(format_bytes(Bytes(102394)) == "99.99 KiB");
  CHECK(format_bytes(Bytes(102396)) == "100.0 KiB");
  CHECK(format_bytes(Bytes(1023947)) == "999.9 KiB");
  CHECK(format_bytes(Bytes(1023949)) == "1000 KiB");
}

TEST_CASE("counts are grouped in threes") {
  CHECK(format_grouped(0) == "0");
  CHECK(format_grouped(999) == "999");
  CHECK(format_grouped(34816) == "34,816");
  CHECK(format_grouped(1048576) == "1,048,576");
  CHECK(format_grouped(-1000) == "-1,000");
  CHECK(format_grouped(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
  CHECK(format_count(84987084800) == "84987084800");
}

TEST_CASE("tokens show the short form only when a tenth of K or M is exact") {
  CHECK(format_tokens(Tokens(34816)) == "34,816 (34K)");
  CHECK(format_tokens(Tokens(131072)) == "131,072 (128K)");
  CHECK(format_tokens(Tokens(1048576)) == "1,048,576 (1M)");
  CHECK(format_tokens(Tokens(1572864)) == "1,572,864 (1.5M)");
  CHECK(format_tokens(Tokens(1536)) == "1,536 (1.5K)");
  CHECK(format_tokens(Tokens(1050624)) == "1,050,624 (1026K)");
  CHECK(format_tokens(Tokens(34000)) == "34,000");
  CHECK(format_tokens(Tokens(512)) == "512");
  CHECK(format_tokens(Tokens(0)) == "0");
}

TEST_CASE("parameters are printed in thousands, millions, billions and trillions") {
  CHECK(format_parameters(0) == "0");
  CHECK(format_parameters(999) == "999");
  CHECK(format_parameters(8030261248) == "8.03B");
  CHECK(format_parameters(124439808) == "124.4M");
  CHECK(format_parameters(999999999) == "1.00B");
  CHECK(format_parameters(65257000000) == "65.26B");
  CHECK(format_parameters(1500) == "1.50K");
  CHECK(format_parameters(1'000'000'000'000) == "1.00T");
}

TEST_CASE("chunks and recompute choices are printed as they are typed") {
  CHECK(format_chunk({ChunkRule::tokens, Tokens(2048)}) == "2048");
  CHECK(format_chunk({ChunkRule::vocab_over_hidden, {}}) == "vocab-over-hidden");
  CHECK(format_recompute({RecomputeKind::none, 1}) == "none");
  CHECK(format_recompute({RecomputeKind::full, 1}) == "full");
  CHECK(format_recompute({RecomputeKind::every, 4}) == "every:4");
}

TEST_CASE("ticks are written in the shortest form that is exact") {
  CHECK(format_bytes_tick(0_B) == "0 B");
  CHECK(format_bytes_tick(1023_B) == "1023 B");
  CHECK(format_bytes_tick(512_MiB) == "512 MiB");
  CHECK(format_bytes_tick(16_GiB) == "16 GiB");
  CHECK(format_bytes_tick(1024_GiB) == "1 TiB");
  CHECK(format_bytes_tick(1_GiB + 1_B) == format_bytes(1_GiB + 1_B));
  CHECK(format_tokens_tick(Tokens(131072)) == "128K");
  CHECK(format_tokens_tick(Tokens(1048576)) == "1M");
  CHECK(format_tokens_tick(Tokens(34567)) == "34,567");
}

TEST_CASE("shares are percent of the whole, and what is there is not rounded away") {
  CHECK(format_share(379_B, 1000_B) == "37.9 %");
  CHECK(format_share(1_B, 1_GiB) == "<0.1 %");
  CHECK(format_share(0_B, 1_GiB) == "0.0 %");
  CHECK(format_share(3_B, 2_B) == "150.0 %");
}

TEST_CASE("the settings of a job name what its optimizer keeps and when it updates") {
  CHECK(format_optimizer({}) == "adamw with fp32 states");
  CHECK(format_optimizer({.kind = OptimizerKind::adafactor}) == "adafactor");
  CHECK(format_optimizer({.kind = OptimizerKind::adafactor, .momentum = Momentum::bf16, .factored = false}) ==
        "un-factored adafactor with bf16 momentum");
  CHECK(format_optimizer({.kind = OptimizerKind::sgd, .momentum = Momentum::fp32}) == "sgd with fp32 momentum");
  Job job;
  job.optimizer = {.kind = OptimizerKind::sgd, .in_backward = true};
  CHECK(format_settings(job) == "bf16-mixed, sgd, batch 1, recompute full, updates in backward");
}

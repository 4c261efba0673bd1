#include <headroom/measure/token_run.h>

#include <vector>

#include "catch.h"

using headroom::measure::Rows;
using headroom::measure::TokenRun;

namespace {

std::vector<std::int64_t> tokens_of(const TokenRun& run) {
  std::vector<std::int64_t> tokens;
  for (std::int64_t row = 0; row < run.count(); ++row) tokens.push_back(run.token(row));
  return tokens;
}

/// First row of the part, tokens it has, and where the first one stands.
using Stretch = std::vector<std::int64_t>;

std::vector<Stretch> stretches(const TokenRun& run, const Rows& rows) {
  std::vector<Stretch> all;
  run.for_each_stretch(rows, [&](const Rows& part, std::int64_t token) {
    all.push_back({part.first, part.count, token});
  });
  return all;
}

}  // namespace

TEST_CASE("a run of consecutive tokens is one piece") {
  const TokenRun run(Rows{6, 3});
  CHECK(tokens_of(run) == std::vector<std::int64_t>{6, 7, 8});
  CHECK(run.pieces() == 1);
  CHECK(stretches(run, {0, 3}) == std::vector<Stretch>{{0, 3, 6}});
  CHECK(stretches(run, {1, 2}) == std::vector<Stretch>{{0, 2, 7}});
}

TEST_CASE("of each chunk a rank holds its part, of a shorter last chunk too") {
  // Chunks of 4, 4 and 2 tokens among 2 ranks.
  const TokenRun first = TokenRun::of_chunks(10, 4, 0, 2), second = TokenRun::of_chunks(10, 4, 1, 2);
  CHECK(tokens_of(first) == std::vector<std::int64_t>{0, 1, 4, 5, 8});
  CHECK(tokens_of(second) == std::vector<std::int64_t>{2, 3, 6, 7, 9});
  CHECK(second.pieces() == 3);
  CHECK(second.piece(1).first == 6);
  CHECK(second.piece(2).first == 9);
  CHECK(second.piece(2).count == 1);
  CHECK(second.rows_of_piece(2).first == 4);
}

TEST_CASE("ranks hold each token once, whatever the chunk") {
  for (const std::int64_t chunk : {4, 8, 12, 20, 24}) {
    std::vector<int> holders(24);
    for (std::int64_t rank = 0; rank < 4; ++rank) {
      for (const std::int64_t token : tokens_of(TokenRun::of_chunks(24, chunk, rank, 4))) {
        ++holders.at(static_cast<std::size_t>(token));
      }
    }
    INFO(chunk);
    CHECK(holders == std::vector<int>(24, 1));
  }
}

TEST_CASE("rows that cross pieces are told in stretches of consecutive tokens, counted from their first") {
  const TokenRun run = TokenRun::of_chunks(10, 4, 1, 2);
  CHECK(stretches(run, {0, 5}) == std::vector<Stretch>{{0, 2, 2}, {2, 2, 6}, {4, 1, 9}});
  CHECK(stretches(run, {1, 3}) == std::vector<Stretch>{{0, 1, 3}, {1, 2, 6}});
  CHECK(stretches(run, {3, 0}).empty());
}

#include <catch.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "attention_ways.h"

namespace headroom::test {

namespace {

constexpr Dropout kDropout{0.4F, 99};

/// Small enough for central differences: one of everything; GQA with odd widths; all heads on one key head; windows.
constexpr AttentionSizes kSmall[] = {
    {1, 1, {1, 1, 1, true}, {}},       {2, 7, {4, 2, 5, true}, {}},          {2, 6, {3, 1, 4, false}, {}},
    {1, 7, {2, 2, 3, true}, kDropout}, {2, 5, {4, 2, 3, false}, kDropout},   {2, 9, {4, 2, 3, true, 4}, {}},
    {1, 6, {2, 1, 3, true, 2}, {}},    {1, 8, {2, 1, 3, true, 3}, kDropout}, {1, 5, {1, 1, 2, true, 100}, {}},
};

/// Beyond every tile, and not a multiple of one.
constexpr AttentionSizes kLarge[] = {
    {2, 300, {4, 2, 40, true}, {}},           {1, 277, {2, 1, 19, false}, {}},      {1, 150, {2, 2, 1030, true}, {}},
    {1, 270, {3, 1, 16, true}, kDropout},     {1, 140, {2, 2, 9, false}, kDropout}, {1, 300, {2, 1, 16, true, 37}, {}},
    {1, 290, {2, 2, 9, true, 150}, kDropout},
};

/// body(case, description) over all sizes and types.
template <class Sizes, class Body>
void for_each_case(const Sizes& all, const Body& body) {
  for (const AttentionSizes& s : all) {
    for (const Type type : kFloating) {
      CAPTURE(s.batch, s.seq, s.heads.heads, s.heads.kv_heads, s.heads.head_dim, s.heads.causal, s.heads.window,
              s.dropout.probability, static_cast<int>(type));
      body(AttentionCase(s, type, Place::chunk));
    }
  }
}

/// Rows [first, first + rows) of each batch entry.
Values rows_of_values(const Operand& operand, std::int64_t first, std::int64_t rows) {
  const Values all = operand.values();
  const Shape shape = operand.shape();
  Values values;
  for (std::int64_t entry = 0; entry < shape.batch; ++entry) {
    const auto begin = all.begin() + (entry * shape.rows + first) * shape.width;
    values.insert(values.end(), begin, begin + rows * shape.width);
  }
  return values;
}

void check_result(const AttentionResult& result, const Values& out, const ReferenceGradients& expected, double limit) {
  CHECK(error_of(result.out, out) <= limit);
  CHECK(error_of(result.dq, expected.dq) <= limit);
  CHECK(error_of(result.dk, expected.dk) <= limit);
  CHECK(error_of(result.dv, expected.dv) <= limit);
}

/// What probabilities may err by, relatively, where the scores are rounded to `type` before the softmax: a score s by
/// |s| / 2 ulp, its probability by the exponential of twice that.
double through_rounded_scores(Type type, const ReferenceAttention& exact) {
  const double half_ulp = type == Type::bf16 ? 1.0 / 512 : 1.0 / (1 << 24);
  const auto keys = static_cast<std::size_t>(exact.scores.size() / exact.lse.size());
  double largest = 0;
  for (std::size_t i = 0; i < exact.scores.size(); ++i) {
    if (exact.scores[i] > 0) largest = std::max(largest, std::abs(std::log(exact.scores[i]) + exact.lse[i / keys]));
  }
  return std::expm1(2 * largest * half_ulp);
}

/// Several roundings of scores and outputs to bf16 lie between q, k, v and the gradients.
double limit_through(Type type) { return type == Type::fp32 ? 1e-5 : 2e-2; }

}  // namespace

TEST_CASE("Scores are the softmax of the scaled products, masked ones zero") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const Operand scores(device(), c.type, c.sizes.scores());
    backend().attention_scores(scores, c.q, c.k, c.sizes.heads, {});
    const ReferenceAttention expected = attention(c.sizes, c.q.values(), c.k.values(), c.v.values());
    CHECK(error_of(scores, expected.scores) <= tolerance(c.type) + through_rounded_scores(c.type, expected));
  });
}

TEST_CASE("Scores of some queries are their rows of all scores") {
  for (const AttentionSizes& sizes : {kSmall[1], kSmall[2], kSmall[5], kLarge[0], kLarge[1], kLarge[5]}) {
    for (const Type type : kFloating) {
      const AttentionCase c(sizes, type, Place::chunk);
      const Operand all(device(), type, sizes.scores());
      backend().attention_scores(all, c.q, c.k, sizes.heads, {});
      for (const std::int64_t first : {std::int64_t{0}, std::int64_t{1}, sizes.seq / 2, sizes.seq - 1}) {
        const std::int64_t rows = std::min<std::int64_t>(sizes.seq - first, sizes.seq / 2 + 1);
        CAPTURE(sizes.seq, sizes.heads.causal, static_cast<int>(type), first, rows);
        const Operand some(device(), type, {all.shape().batch, rows, sizes.seq});
        backend().attention_scores(some, rows_of(c.q, first, rows), c.k, sizes.heads, {first, sizes.seq});
        CHECK(error_of(some, rows_of_values(all, first, rows)) <= tolerance(type));
      }
    }
  }
}

TEST_CASE("Keys in front of every window need not be there") {
  for (const AttentionSizes& sizes : {kSmall[5], kLarge[5]}) {
    for (const Type type : kFloating) {
      const AttentionCase c(sizes, type, Place::chunk);
      const std::int64_t first = sizes.seq / 2 + 1, queries = sizes.seq - first;
      const std::int64_t key = first - sizes.heads.window + 1, keys = sizes.seq - key;
      const View q = rows_of(c.q, first, queries), k = rows_of(c.k, key, keys), v = rows_of(c.v, key, keys);
      const Operand scores(device(), type, {sizes.scores().batch, queries, keys});
      const Operand out(device(), type, {sizes.batch, queries, sizes.queries().width});
      backend().attention_scores(scores, q, k, sizes.heads, {first - key, 0});
      backend().attention_values(out, scores, v, sizes.heads);
      const Operand flash(device(), type, out.shape());
      backend().flash(flash, {}, q, k, v, sizes.block(first, key));
      Operand expected(device(), type, sizes.queries());
      expected.set(attention(sizes, c.q.values(), c.k.values(), c.v.values()).out);
      const Values rows = rows_of_values(expected, first, queries);
      CHECK(error_of(out, rows) <= limit_through(type));
      CHECK(error_of(flash, rows) <= limit_through(type));
    }
  }
}

TEST_CASE("A window that ends in front of the last key, and a negative one, are refused") {
  const AttentionCase c({1, 4, {1, 1, 2, true, 2}, {}}, Type::fp32);
  const Operand scores(device(), Type::fp32, c.sizes.scores());
  CHECK_THROWS_WITH(backend().attention_scores(scores, c.q, c.k, c.sizes.heads, {2, 0}), contains("window"));
  kernels::Heads heads = c.sizes.heads;
  heads.window = -1;
  CHECK_THROWS_WITH(backend().attention_scores(scores, c.q, c.k, heads, {}), contains("window"));
}

TEST_CASE("Queries that stand in front of the first key are refused") {
  const AttentionCase c(kSmall[1], Type::fp32);
  const Operand scores(device(), Type::fp32, c.sizes.scores());
  CHECK_THROWS_WITH(backend().attention_scores(scores, c.q, c.k, c.sizes.heads, {-1, 0}), contains("attention_scores"));
}

TEST_CASE(
    "Attention with written scores and its gradients are the same for all queries or for half of them at a time") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const AttentionResult whole = vanilla_attention(device(), c);
    const AttentionResult halves = vanilla_attention(device(), c, c.sizes.seq / 2 + 1);
    check_result(halves, whole.out, {whole.dq, whole.dk, whole.dv}, limit_through(c.type));
  });
}

TEST_CASE("Attention with written scores and its gradients are those of central differences") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const Values out = attention(c.sizes, c.q.values(), c.k.values(), c.v.values()).out;
    check_result(vanilla_attention(device(), c), out, attention_gradients(c), limit_through(c.type));
  });
}

TEST_CASE("Tiled attention and its gradients are those of central differences, whole or by query blocks") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const Values out = attention(c.sizes, c.q.values(), c.k.values(), c.v.values()).out;
    const ReferenceGradients expected = attention_gradients(c);
    for (const std::int64_t queries : {1, 3, 100}) {
      CAPTURE(queries);
      check_result(flash_attention(device(), c, queries), out, expected, limit_through(c.type));
    }
  });
}

TEST_CASE("Blockwise attention and its gradients are those of central differences, with score tiles or without") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const Values out = attention(c.sizes, c.q.values(), c.k.values(), c.v.values()).out;
    const ReferenceGradients expected = attention_gradients(c);
    for (const BlockSizes blocks : {BlockSizes{3, 2, true}, {2, 3, false}, {1, 1, true}, {100, 100, false}}) {
      CAPTURE(blocks.queries, blocks.keys, blocks.tiles);
      check_result(block_attention(device(), c, blocks), out, expected, limit_through(c.type));
    }
  });
}

TEST_CASE("The three ways to compute attention agree beyond the size of every tile") {
  for_each_case(kLarge, [](const AttentionCase& c) {
    const AttentionResult vanilla = vanilla_attention(device(), c);
    const ReferenceGradients expected{vanilla.dq, vanilla.dk, vanilla.dv};
    check_result(flash_attention(device(), c, 1000), vanilla.out, expected, limit_through(c.type));
    check_result(flash_attention(device(), c, 130), vanilla.out, expected, limit_through(c.type));
    check_result(block_attention(device(), c, {131, 140, true}), vanilla.out, expected, limit_through(c.type));
    check_result(block_attention(device(), c, {70, 33, false}), vanilla.out, expected, limit_through(c.type));
  });
}

TEST_CASE("Tiled attention writes the logsumexp only where it is given, and only its own rows") {
  for_each_case(kSmall, [](const AttentionCase& c) {
    const Operand out(device(), c.type, c.sizes.queries(), Place::chunk);
    const Operand lse(device(), Type::fp32, c.sizes.statistics());
    backend().flash(out, lse, c.q, c.k, c.v, c.sizes.block());
    const ReferenceAttention expected = attention(c.sizes, c.q.values(), c.k.values(), c.v.values());
    CHECK(error_of(out, expected.out) <= tolerance(c.type));
    CHECK(error_of(lse, expected.lse) <= 1e-5);
    CHECK(out.surroundings_untouched());
    const Values before = out.values();
    backend().flash(out, {}, c.q, c.k, c.v, c.sizes.block());
    CHECK(out.values() == before);
  });
}

TEST_CASE("Key blocks that no query reads change nothing") {
  const AttentionCase c({1, 8, {2, 1, 4, true}, {}}, Type::fp32);
  const View q = rows_of(c.q, 0, 4), k = rows_of(c.k, 4, 4), v = rows_of(c.v, 4, 4);
  Operand max(device(), Type::fp32, {1, 2, 4}), sum(device(), Type::fp32, {1, 2, 4});
  Operand sums(device(), Type::fp32, {1, 4, 8});
  max.fill(1.5);
  sum.fill(2);
  sums.fill(3);
  backend().blocks_add({max, sum, sums}, {}, q, k, v, c.sizes.block(0, 4));
  CHECK(max.values() == Values(8, 1.5));
  CHECK(sum.values() == Values(8, 2));
  CHECK(sums.values() == Values(32, 3));
}

TEST_CASE("The first key block may be one that only some queries read") {
  const AttentionCase c({1, 8, {1, 1, 4, true}, {}}, Type::fp32);
  const Operand max(device(), Type::fp32, {1, 1, 8}), sum(device(), Type::fp32, {1, 1, 8});
  const Operand sums(device(), Type::fp32, {1, 8, 4});
  backend().blocks_begin({max, sum, sums});
  for (const std::int64_t key : {4, 0}) {
    backend().blocks_add({max, sum, sums}, {}, c.q, rows_of(c.k, key, 4), rows_of(c.v, key, 4), c.sizes.block(0, key));
  }
  backend().blocks_end(sums, {max, sum, sums});
  const ReferenceAttention expected = attention(c.sizes, c.q.values(), c.k.values(), c.v.values());
  CHECK(error_of(sums, expected.out) <= 1e-5);
  CHECK(error_of(max, expected.lse) <= 1e-5);
}

TEST_CASE("Scores far apart neither overflow nor vanish") {
  AttentionCase c({1, 3, {1, 1, 1, false}, {}}, Type::fp32);
  c.q.set({1000, 1000, -1000});
  c.k.set({1, -1, 1});
  c.v.set({1, 2, 3});
  const Values expected{2, 2, 2};
  CHECK(error_of(vanilla_attention(device(), c).out, expected) <= 1e-5);
  CHECK(error_of(flash_attention(device(), c, 3).out, expected) <= 1e-5);
  CHECK(error_of(block_attention(device(), c, {3, 1, true}).out, expected) <= 1e-5);
}

TEST_CASE("Scores of heads that are scaled as wider ones are those of heads with zeros behind them") {
  for (const Type type : kFloating) {
    const AttentionCase c({2, 6, {4, 2, 6, true}, {}}, type);
    Operand q(device(), type, {2, 6, 4 * 10}), k(device(), type, {2, 6, 2 * 10}), v(device(), type, {2, 6, 2 * 10});
    for (const auto& [wide, narrow, heads] : {std::tuple{&q, &c.q, 4}, {&k, &c.k, 2}, {&v, &c.v, 2}}) {
      wide->fill(0);
      backend().copy_heads(*wide, {heads, 10, 0, 6}, *narrow, {heads, 6, 0, 6});
    }
    const Operand wide(device(), type, {2, 6, 4 * 10}), expected(device(), type, c.sizes.queries());
    backend().flash(wide, {}, q, k, v, {{4, 2, 10, true}, {}, {}, {}});
    backend().copy_heads(expected, {4, 6, 0, 6}, wide, {4, 10, 0, 6});
    kernels::Heads heads = c.sizes.heads;
    heads.scaled_as = 10;
    const Operand scores(device(), type, c.sizes.scores()), vanilla(device(), type, c.sizes.queries());
    backend().attention_scores(scores, c.q, c.k, heads, {});
    backend().attention_values(vanilla, scores, c.v, heads);
    CHECK(error_of(vanilla, expected.values()) <= limit_through(type));
    const Operand tiled(device(), type, c.sizes.queries());
    backend().flash(tiled, {}, c.q, c.k, c.v, {heads, {}, {}, {}});
    CHECK(error_of(tiled, expected.values()) <= limit_through(type));
  }
}

TEST_CASE("Attention of heads that do not fit is refused by name") {
  const AttentionCase c({1, 4, {4, 2, 3, true}, {}}, Type::fp32);
  const Operand out(device(), Type::fp32, c.sizes.queries());
  kernels::AttentionBlock block = c.sizes.block();
  block.heads.kv_heads = 3;
  CHECK_THROWS_WITH(backend().flash(out, {}, c.q, c.k, c.v, block), contains("flash"));
  block.heads = {4, 2, 4, true};
  CHECK_THROWS_WITH(backend().flash(out, {}, c.q, c.k, c.v, block), contains("flash"));
}

}  // namespace headroom::test

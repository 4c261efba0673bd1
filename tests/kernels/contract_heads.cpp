#include <catch.h>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::HeadStretch;

constexpr std::int64_t kBatch = 2;
constexpr std::int64_t kRows = 5;

Shape shape_of(const HeadStretch& stretch) { return {kBatch, kRows, stretch.heads * stretch.head_dim}; }

std::size_t index_of(const HeadStretch& stretch, std::int64_t row, std::int64_t head, std::int64_t column) {
  return static_cast<std::size_t>((row * stretch.heads + head) * stretch.head_dim + stretch.first + column);
}

/// Calls visit(row, head, column) for all elements of a stretch.
template <class Visit>
void for_each_element(const HeadStretch& stretch, const Visit& visit) {
  for (std::int64_t row = 0; row < kBatch * kRows; ++row) {
    for (std::int64_t head = 0; head < stretch.heads; ++head) {
      for (std::int64_t column = 0; column < stretch.dim; ++column) visit(row, head, column);
    }
  }
}

Values copied(Values out, const HeadStretch& to, const Values& x, const HeadStretch& from) {
  for_each_element(to, [&](std::int64_t row, std::int64_t head, std::int64_t column) {
    out[index_of(to, row, head, column)] = x[index_of(from, row, from.heads == 1 ? 0 : head, column)];
  });
  return out;
}

void check_copy(const HeadStretch& to, const HeadStretch& from, Type out_type, Type x_type) {
  CAPTURE(to.heads, to.head_dim, to.first, from.head_dim, from.first, from.dim, static_cast<int>(out_type));
  const Operand out = random_operand(out_type, shape_of(to), 1, Place::chunk);
  const Operand x = random_operand(x_type, shape_of(from), 2, Place::chunk);
  const Values expected = copied(out.values(), to, x.values(), from);
  backend().copy_heads(out, to, x, from);
  CHECK(error_of(out, expected) <= (out_type == x_type ? 0 : tolerance(out_type)));
  CHECK(out.surroundings_untouched());
}

void check_sum(const HeadStretch& from, Type type) {
  CAPTURE(from.heads, from.head_dim, from.first, from.dim, static_cast<int>(type));
  const Operand x = random_operand(type, shape_of(from), 1, Place::chunk);
  const Operand out(device(), type, {kBatch, kRows, from.dim}, Place::chunk);
  const Values values = x.values();
  Values expected(out.shape().size(), 0);
  for_each_element(from, [&](std::int64_t row, std::int64_t head, std::int64_t column) {
    expected[static_cast<std::size_t>(row * from.dim + column)] += values[index_of(from, row, head, column)];
  });
  backend().sum_heads(out, x, from);
  CHECK(error_of(out, expected) <= tolerance(type));
  CHECK(out.surroundings_untouched());
}

void check_zero(const HeadStretch& stretch, Type type) {
  CAPTURE(stretch.heads, stretch.head_dim, stretch.first, stretch.dim, static_cast<int>(type));
  const Operand x = random_operand(type, shape_of(stretch), 1, Place::chunk);
  Values expected = x.values();
  for_each_element(stretch, [&](std::int64_t row, std::int64_t head, std::int64_t column) {
    expected[index_of(stretch, row, head, column)] = 0;
  });
  backend().zero_heads(x, stretch);
  CHECK(x.values() == expected);
  CHECK(x.surroundings_untouched());
}

/// Each head's stretch of x times the head's columns of w, or those transposed.
Values multiplied(Values out, const HeadStretch& to, const Values& x, const HeadStretch& from, const Values& w,
                  bool transposed) {
  for_each_element(to, [&](std::int64_t row, std::int64_t head, std::int64_t column) {
    double sum = 0;
    for (std::int64_t i = 0; i < from.dim; ++i) {
      const std::int64_t at =
          transposed ? (column * to.heads + head) * from.dim + i : (i * to.heads + head) * to.dim + column;
      sum += x[index_of(from, row, head, i)] * w[static_cast<std::size_t>(at)];
    }
    out[index_of(to, row, head, column)] = sum;
  });
  return out;
}

void check_product(const HeadStretch& to, const HeadStretch& from, bool transposed, Type type, Type w_type) {
  CAPTURE(to.heads, to.head_dim, to.first, to.dim, from.head_dim, from.first, from.dim, transposed,
          static_cast<int>(type), static_cast<int>(w_type));
  const Operand out = random_operand(type, shape_of(to), 1, Place::chunk);
  const Operand x = random_operand(type, shape_of(from), 2, Place::chunk);
  const std::int64_t rows = transposed ? to.dim : from.dim, columns = transposed ? from.dim : to.dim;
  const Operand w = random_operand(w_type, {1, rows, to.heads * columns}, 3);
  const Values expected = multiplied(out.values(), to, x.values(), from, w.values(), transposed);
  if (transposed) {
    backend().head_product_transposed(out, to, x, from, w);
  } else {
    backend().head_product(out, to, x, from, w);
  }
  CHECK(error_of(out, expected) <= tolerance(type));
  CHECK(out.surroundings_untouched());
}

constexpr HeadStretch kStretches[] = {{3, 8, 0, 8},   {3, 8, 0, 5},  {3, 7, 2, 4}, {2, 192, 128, 64},  {2, 192, 0, 128},
                                      {1, 24, 16, 8}, {5, 16, 8, 3}, {2, 1, 0, 1}, {2, 1500, 8, 1490}, {4, 9, 9, 0}};

}  // namespace

TEST_CASE("A stretch of every head is copied to another layout, and nothing beside it is written") {
  const std::pair<HeadStretch, HeadStretch> rows[] = {{{3, 8, 0, 4}, {3, 4, 0, 4}},
                                                      {{3, 4, 0, 4}, {3, 8, 0, 4}},
                                                      {{3, 7, 2, 5}, {3, 6, 1, 5}},
                                                      {{2, 192, 0, 128}, {2, 128, 0, 128}},
                                                      {{2, 128, 0, 128}, {2, 192, 0, 128}},
                                                      {{2, 24, 16, 8}, {2, 16, 8, 8}},
                                                      {{2, 1500, 8, 1300}, {2, 1301, 1, 1300}},
                                                      {{1, 3, 0, 3}, {1, 3, 0, 3}}};
  for (const auto& [to, from] : rows) {
    for (const Type out_type : kFloating) {
      for (const Type x_type : kFloating) check_copy(to, from, out_type, x_type);
    }
  }
}

TEST_CASE("The stretch of an only head is copied to every head") {
  const std::pair<HeadStretch, HeadStretch> rows[] = {
      {{3, 8, 4, 4}, {1, 4, 0, 4}}, {{5, 192, 128, 64}, {1, 64, 0, 64}}, {{4, 7, 5, 2}, {1, 6, 3, 2}}};
  for (const auto& [to, from] : rows) {
    for (const Type type : kFloating) check_copy(to, from, type, type);
  }
}

TEST_CASE("The sum over heads of a stretch is that of a plain loop") {
  for (const HeadStretch& stretch : kStretches) {
    if (stretch.dim == 0) continue;
    for (const Type type : kFloating) check_sum(stretch, type);
  }
}

TEST_CASE("A stretch of every head is zeroed, and nothing beside it") {
  for (const HeadStretch& stretch : kStretches) {
    for (const Type type : kFloating) check_zero(stretch, type);
  }
}

TEST_CASE("A stretch of every head times the head's own columns of a weight is that of a plain loop") {
  const std::pair<HeadStretch, HeadStretch> rows[] = {
      {{3, 10, 0, 8}, {3, 6, 0, 4}},        {{3, 4, 0, 4}, {3, 10, 0, 8}}, {{2, 72, 3, 64}, {2, 24, 5, 16}},
      {{2, 576, 0, 512}, {2, 192, 0, 128}}, {{1, 7, 0, 7}, {1, 5, 0, 5}},  {{1, 1, 0, 1}, {1, 1, 0, 1}}};
  for (const auto& [to, from] : rows) {
    for (const bool transposed : {false, true}) {
      for (const Type type : kFloating) {
        for (const Type w_type : kFloating) check_product(to, from, transposed, type, w_type);
      }
    }
  }
}

TEST_CASE("A weight that does not fit the stretches of its heads is refused") {
  const Operand x = random_operand(Type::fp32, {1, 2, 16}, 1), y = random_operand(Type::fp32, {1, 2, 16}, 2);
  const Operand w = random_operand(Type::fp32, {1, 3, 8}, 3);
  const HeadStretch four{2, 8, 0, 4}, three{2, 8, 0, 3};
  CHECK_THROWS_WITH(backend().head_product(x, four, y, four, w), contains("columns of heads"));
  CHECK_THROWS_WITH(backend().head_product_transposed(x, four, y, three, w), contains("columns of heads"));
  CHECK_THROWS_WITH(backend().head_product(x, four, y, {4, 4, 0, 3}, w), contains("differ in heads"));
}

TEST_CASE("Stretches that are no part of a head, or do not go together, are refused") {
  const Operand x = random_operand(Type::fp32, {1, 2, 16}, 1), y = random_operand(Type::fp32, {1, 2, 16}, 2);
  const HeadStretch good{2, 8, 0, 4};
  CHECK_THROWS_WITH(backend().zero_heads(x, {3, 8, 0, 4}), contains("not as wide as the heads"));
  const HeadStretch beyond = GENERATE(HeadStretch{2, 8, 0, 9}, HeadStretch{2, 8, 5, 4}, HeadStretch{2, 8, -1, 4});
  CHECK_THROWS_WITH(backend().zero_heads(x, beyond), contains("no part of a head"));
  CHECK_THROWS_WITH(backend().copy_heads(x, good, y, beyond), contains("no part of a head"));
  CHECK_THROWS_WITH(backend().copy_heads(x, good, y, {2, 8, 0, 3}), contains("differ in length"));
  CHECK_THROWS_WITH(backend().copy_heads(x, good, y, {4, 4, 0, 4}), contains("neither one head"));
  CHECK_THROWS_WITH(backend().sum_heads(x, y, good), contains("length of the stretch"));
}

}  // namespace headroom::test

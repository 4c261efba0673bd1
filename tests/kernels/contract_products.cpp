#include <catch.h>

#include "compare.h"

namespace headroom::test {

namespace {

struct Sizes {
  std::int64_t batch;
  std::int64_t rows;
  std::int64_t in;
  std::int64_t out;
};

/// One row and column, odd sizes, and sizes beyond every block of a blocked product.
constexpr Sizes kSizes[] = {{1, 1, 1, 1},    {2, 3, 5, 7},       {3, 17, 1, 33},
                            {2, 65, 130, 1}, {1, 131, 520, 259}, {2, 140, 300, 70}};

/// out[r,n] = x[r,m] w[m,n].
Values multiply(const Values& x, const Values& w, std::size_t m, std::size_t n) {
  Values out(x.size() / m * n, 0);
  for (std::size_t r = 0; r < x.size() / m; ++r) {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) out[r * n + j] += x[r * m + i] * w[i * n + j];
    }
  }
  return out;
}

Values transpose(const Values& w, std::size_t rows) {
  const std::size_t columns = w.size() / rows;
  Values out(w.size());
  for (std::size_t i = 0; i < w.size(); ++i) out[i % columns * rows + i / columns] = w[i];
  return out;
}

Values column_sums(const Values& x, std::size_t width) {
  Values sums(width, 0);
  for (std::size_t i = 0; i < x.size(); ++i) sums[i % width] += x[i];
  return sums;
}

/// The bias on every row.
Values repeated(const Values& bias, std::size_t rows) {
  Values out;
  for (std::size_t r = 0; r < rows; ++r) out.insert(out.end(), bias.begin(), bias.end());
  return out;
}

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// body(type, place, write, sizes) for all of them.
template <class Body>
void for_each_case(const Body& body) {
  for (const Sizes& s : kSizes) {
    for (const Type type : kFloating) {
      for (const Place place : kPlaces) {
        for (const Write write : kWrites) {
          CAPTURE(s.batch, s.rows, s.in, s.out, static_cast<int>(type), static_cast<int>(place),
                  static_cast<int>(write));
          body(type, place, write, s);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("A product is x w, set or added, over chunks of every batch entry") {
  for_each_case([](Type type, Place place, Write write, const Sizes& s) {
    const Operand x = random_operand(type, {s.batch, s.rows, s.in}, 1, place);
    const Operand w = random_operand(type, {1, s.in, s.out}, 2);
    Operand out(device(), type, {s.batch, s.rows, s.out}, place);
    if (write == Write::add) out.random(3);
    const Values before = out.values();
    backend().product(out, x, w, {}, write);
    const Values expected = multiply(x.values(), w.values(), size(s.in), size(s.out));
    CHECK(error_of(out, written(before, expected, write)) <= tolerance(type));
    CHECK(out.surroundings_untouched());
  });
}

TEST_CASE("A transposed product is x w^T, set or added, over chunks of every batch entry") {
  for_each_case([](Type type, Place place, Write write, const Sizes& s) {
    const Operand x = random_operand(type, {s.batch, s.rows, s.in}, 1, place);
    const Operand w = random_operand(type, {1, s.out, s.in}, 2);
    Operand out(device(), type, {s.batch, s.rows, s.out}, place);
    if (write == Write::add) out.random(3);
    const Values before = out.values();
    backend().product_transposed(out, x, w, {}, write);
    const Values expected = multiply(x.values(), transpose(w.values(), size(s.out)), size(s.in), size(s.out));
    CHECK(error_of(out, written(before, expected, write)) <= tolerance(type));
    CHECK(out.surroundings_untouched());
  });
}

TEST_CASE("A weight's gradient is x^T dy, summed over chunks of every batch entry, set or added") {
  for_each_case([](Type type, Place place, Write write, const Sizes& s) {
    const Operand x = random_operand(type, {s.batch, s.rows, s.in}, 1, place);
    const Operand dy = random_operand(type, {s.batch, s.rows, s.out}, 2, place);
    Operand dw(device(), type, {1, s.in, s.out});
    if (write == Write::add) dw.random(3);
    const Values before = dw.values();
    backend().weight_gradient(dw, x, dy, write);
    const Values expected =
        multiply(transpose(x.values(), size(s.batch * s.rows)), dy.values(), size(s.batch * s.rows), size(s.out));
    // Chunks of several batch entries do not lie together and may be added one by one, each time rounded to dw's type.
    const auto additions = static_cast<double>(place == Place::chunk ? s.batch : 1);
    CHECK(error_of(dw, written(before, expected, write)) <= additions * tolerance(type));
  });
}

TEST_CASE("A bias's gradient is the sum of dy over chunks of every batch entry, set or added") {
  for_each_case([](Type type, Place place, Write write, const Sizes& s) {
    const Operand dy = random_operand(type, {s.batch, s.rows, s.out}, 2, place);
    Operand db(device(), type, {1, 1, s.out});
    if (write == Write::add) db.random(3);
    const Values before = db.values();
    backend().bias_gradient(db, dy, write);
    CHECK(error_of(db, written(before, column_sums(dy.values(), size(s.out)), write)) <= tolerance(type));
  });
}

TEST_CASE("Both products add a bias to every row") {
  for (const Type type : kFloating) {
    const Operand x = random_operand(type, {2, 9, 6}, 1, Place::chunk);
    const Operand w = random_operand(type, {1, 6, 6}, 2);
    const Operand bias = random_operand(type, {1, 1, 6}, 3);
    Operand out(device(), type, {2, 9, 6}, Place::chunk);
    backend().product(out, x, w, bias, Write::set);
    const Values added = repeated(bias.values(), 18);
    CHECK(error_of(out, plus(multiply(x.values(), w.values(), 6, 6), added)) <= tolerance(type));
    backend().product_transposed(out, x, w, bias, Write::set);
    CHECK(error_of(out, plus(multiply(x.values(), transpose(w.values(), 6), 6, 6), added)) <= tolerance(type));
  }
}

TEST_CASE("Products of bf16 operands can be written in fp32 without rounding") {
  const Operand x = random_operand(Type::bf16, {1, 9, 70}, 1);
  const Operand w = random_operand(Type::bf16, {1, 70, 11}, 2);
  Operand out(device(), Type::fp32, {1, 9, 11});
  backend().product(out, x, w, {}, Write::set);
  CHECK(error_of(out, multiply(x.values(), w.values(), 70, 11)) <= tolerance(Type::fp32));
}

TEST_CASE("Operands of a product may differ in type") {
  const Operand x = random_operand(Type::fp32, {1, 9, 70}, 1);
  const Operand w = random_operand(Type::bf16, {1, 70, 11}, 2);
  Operand out(device(), Type::fp32, {1, 9, 11});
  backend().product(out, x, w, {}, Write::set);
  CHECK(error_of(out, multiply(x.values(), w.values(), 70, 11)) <= tolerance(Type::fp32));
}

TEST_CASE("Products of operands that do not fit are refused by name") {
  const Operand x = random_operand(Type::fp32, {1, 4, 5}, 1);
  const Operand w = random_operand(Type::fp32, {1, 6, 7}, 2);
  const Operand out(device(), Type::fp32, {1, 4, 7});
  CHECK_THROWS_WITH(backend().product(out, x, w, {}, Write::set), contains("product"));
  CHECK_THROWS_WITH(backend().weight_gradient(w, x, out, Write::set), contains("weight_gradient"));
}

}  // namespace headroom::test

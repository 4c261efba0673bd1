#include <catch.h>

#include "compare.h"

namespace headroom::test {

namespace {

/// Where the places of experts begin: an expert of none, of one and of many, and unused ones at an end.
const std::vector<std::vector<std::int64_t>> kFirst = {{0, 1}, {0, 0, 7, 8, 8}, {0, 70, 140, 210}, {0, 3, 300, 301}};

struct Widths {
  std::int64_t in;
  std::int64_t out;
};
constexpr Widths kWidths[] = {{1, 1}, {5, 7}, {130, 70}};

/// Places, and the weights of their experts.
struct Case {
  const std::vector<std::int64_t>& first_places;
  Type type;
  Widths widths;

  [[nodiscard]] std::int64_t experts() const { return static_cast<std::int64_t>(first_places.size()) - 1; }
  [[nodiscard]] Operand first() const {
    Operand first(device(), Type::int32, {1, 1, experts() + 1});
    first.set({first_places.begin(), first_places.end()});
    return first;
  }
  [[nodiscard]] Operand places(std::int64_t width, unsigned seed) const {
    return random_operand(type, {1, first_places.back(), width}, seed);
  }
  [[nodiscard]] Operand weight() const { return random_operand(type, {1, experts() * widths.in, widths.out}, 3); }

  /// body(expert, place) for every place.
  template <class Body>
  void for_each_place(const Body& body) const {
    for (std::size_t e = 0; e + 1 < first_places.size(); ++e) {
      for (auto p = static_cast<std::size_t>(first_places[e]); p < static_cast<std::size_t>(first_places[e + 1]); ++p) {
        body(e, p);
      }
    }
  }
  /// body(expert, place, row of a weight, column of a weight)
  template <class Body>
  void for_each_term(const Body& body) const {
    for_each_place([&](std::size_t e, std::size_t p) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(widths.in); ++i) {
        for (std::size_t j = 0; j < static_cast<std::size_t>(widths.out); ++j) body(e, p, i, j);
      }
    });
  }
};

template <class Body>
void for_each_case(const Body& body) {
  for (const auto& first : kFirst) {
    for (const Type type : kFloating) {
      for (const Widths& widths : kWidths) {
        for (const Write write : kWrites) {
          CAPTURE(first, static_cast<int>(type), widths.in, widths.out, static_cast<int>(write));
          body(Case{first, type, widths}, static_cast<std::size_t>(widths.in), static_cast<std::size_t>(widths.out),
               write);
        }
      }
    }
  }
}

/// Random where it is added to.
Operand target(Type type, Shape shape, Write write) {
  Operand out(device(), type, shape);
  if (write == Write::add) out.random(9);
  return out;
}

}  // namespace

TEST_CASE("A product of places is x w of each place's expert, with its bias, set or added") {
  for_each_case([](const Case& c, std::size_t in, std::size_t width, Write write) {
    const Operand first = c.first(), x = c.places(c.widths.in, 1), w = c.weight();
    const Operand bias = random_operand(c.type, {1, c.experts(), c.widths.out}, 4);
    const Operand out = target(c.type, {1, c.first_places.back(), c.widths.out}, write);
    const Values before = out.values(), xs = x.values(), ws = w.values(), added = bias.values();
    backend().expert_product(out, x, w, bias, first, write);
    Values expected(before.size(), 0);
    c.for_each_term([&](std::size_t e, std::size_t p, std::size_t i, std::size_t j) {
      expected[p * width + j] += xs[p * in + i] * ws[(e * in + i) * width + j] + (i == 0 ? added[e * width + j] : 0);
    });
    CHECK(error_of(out, written(before, expected, write)) <= tolerance(c.type));
  });
}

TEST_CASE("A transposed product of places is x w^T of each place's expert, set or added") {
  for_each_case([](const Case& c, std::size_t in, std::size_t width, Write write) {
    const Operand first = c.first(), dy = c.places(c.widths.out, 1), w = c.weight();
    const Operand out = target(c.type, {1, c.first_places.back(), c.widths.in}, write);
    const Values before = out.values(), dys = dy.values(), ws = w.values();
    backend().expert_product_transposed(out, dy, w, first, write);
    Values expected(before.size(), 0);
    c.for_each_term([&](std::size_t e, std::size_t p, std::size_t i, std::size_t j) {
      expected[p * in + i] += dys[p * width + j] * ws[(e * in + i) * width + j];
    });
    CHECK(error_of(out, written(before, expected, write)) <= tolerance(c.type));
  });
}

TEST_CASE("The gradient of an expert's weight is x^T dy over its places, zero where it has none, set or added") {
  for_each_case([](const Case& c, std::size_t in, std::size_t width, Write write) {
    const Operand first = c.first(), x = c.places(c.widths.in, 1), dy = c.places(c.widths.out, 2);
    const Operand dw = target(c.type, {1, c.experts() * c.widths.in, c.widths.out}, write);
    const Values before = dw.values(), xs = x.values(), dys = dy.values();
    backend().expert_weight_gradient(dw, x, dy, first, write);
    Values expected(before.size(), 0);
    c.for_each_term([&](std::size_t e, std::size_t p, std::size_t i, std::size_t j) {
      expected[(e * in + i) * width + j] += xs[p * in + i] * dys[p * width + j];
    });
    CHECK(error_of(dw, written(before, expected, write)) <= tolerance(c.type));
  });
}

TEST_CASE("The gradient of an expert's bias is the sum of dy over its places, zero where it has none, set or added") {
  for_each_case([](const Case& c, std::size_t, std::size_t width, Write write) {
    const Operand first = c.first(), dy = c.places(c.widths.out, 2);
    const Operand db = target(c.type, {1, c.experts(), c.widths.out}, write);
    const Values before = db.values(), dys = dy.values();
    backend().expert_bias_gradient(db, dy, first, write);
    Values expected(before.size(), 0);
    c.for_each_place([&](std::size_t e, std::size_t p) {
      for (std::size_t j = 0; j < width; ++j) expected[e * width + j] += dys[p * width + j];
    });
    CHECK(error_of(db, written(before, expected, write)) <= tolerance(c.type));
  });
}

TEST_CASE("Products of places that do not fit their experts are refused by name") {
  const Case c{kFirst[1], Type::fp32, {5, 7}};
  const Operand first = c.first(), x = c.places(5, 1), out = c.places(7, 2), w = c.weight();
  const Operand other = random_operand(Type::fp32, {1, 3 * 5, 7}, 1);
  CHECK_THROWS_WITH(backend().expert_product(out, x, other, {}, first, Write::set), contains("expert_product"));
  CHECK_THROWS_WITH(backend().expert_product_transposed(x, out, other, first, Write::set),
                    contains("expert_product_transposed"));
  CHECK_THROWS_WITH(backend().expert_weight_gradient(other, x, out, first, Write::set),
                    contains("expert_weight_gradient"));
  CHECK_THROWS_WITH(backend().expert_bias_gradient(w, out, first, Write::set), contains("expert_bias_gradient"));
}

}  // namespace headroom::test

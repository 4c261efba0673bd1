#include <catch.h>

#include <cmath>

#include "compare.h"

namespace headroom::test {

namespace {

constexpr Shape kShapes[] = {{1, 1, 1}, {2, 3, 5}, {2, 9, 1300}};

Shape one_each_row(const Shape& shape) { return {shape.batch, shape.rows, 1}; }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// x times a factor for each row.
Values scaled(const Values& x, const Values& factors) {
  Values out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back(x[i] * factors[i / (x.size() / factors.size())]);
  return out;
}

Values sigmoids(const Values& x) {
  Values out;
  for (const double value : x) out.push_back(sigmoid(value));
  return out;
}

template <class Body>
void for_each_case(const Body& body) {
  for (const Shape& shape : kShapes) {
    for (const Type type : kFloating) {
      for (const Place place : kPlaces) {
        CAPTURE(shape.rows, shape.width, static_cast<int>(type), static_cast<int>(place));
        body(shape, type, place);
      }
    }
  }
}

}  // namespace

TEST_CASE("A sigmoid in place is 1 / (1 + exp(-x))") {
  for_each_case([](const Shape& shape, Type type, Place place) {
    const Operand x = random_operand(type, shape, 1, place, 4);
    const Values expected = sigmoids(x.values());
    backend().sigmoid(x);
    CHECK(error_of(x, expected) <= tolerance(type));
    CHECK(x.surroundings_untouched());
  });
}

TEST_CASE("A gate scales each row in place") {
  for_each_case([](const Shape& shape, Type type, Place place) {
    const Operand x = random_operand(type, shape, 1, place), gate = random_operand(Type::fp32, one_each_row(shape), 2);
    const Values expected = scaled(x.values(), gate.values());
    backend().gate_rows(x, gate);
    CHECK(error_of(x, expected) <= tolerance(type));
    CHECK(x.surroundings_untouched());
  });
}

TEST_CASE("The gate's backward gives the slopes in the gate's product and in what was scaled") {
  for_each_case([](const Shape& shape, Type type, Place place) {
    const Operand logits = random_operand(Type::fp32, one_each_row(shape), 1);
    const Operand unscaled = random_operand(Type::fp32, shape, 2), d_x = random_operand(type, shape, 3, place);
    Operand x(device(), type, shape, place), gate(device(), Type::fp32, one_each_row(shape), place);
    const Operand d_logit(device(), Type::fp32, one_each_row(shape), place);
    gate.set(sigmoids(logits.values()));
    x.set(scaled(unscaled.values(), gate.values()));
    const Values gradient = d_x.values();
    backend().gate_rows_backward(d_logit, d_x, x, gate);
    const auto f = [&](const Values& moved) { return scaled(unscaled.values(), sigmoids(moved)); };
    CHECK(error_of(d_logit, differences(logits.values(), gradient, f)) <= 10 * tolerance(type));
    CHECK(error_of(d_x, scaled(gradient, gate.values())) <= tolerance(type));
    CHECK(d_x.surroundings_untouched());
    CHECK(d_logit.surroundings_untouched());
  });
}

TEST_CASE("A gate that has not one value for each row is refused by name") {
  const Operand x = random_operand(Type::fp32, {1, 4, 3}, 1), gate = random_operand(Type::fp32, {1, 3, 1}, 1);
  CHECK_THROWS_WITH(backend().gate_rows(x, gate), contains("gate_rows"));
}

}  // namespace headroom::test

#include <catch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::Adafactor;

double square_mean(const Values& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0) / static_cast<double>(values.size());
}

/// Algorithms 4 and 5 of arXiv 1804.04235 as printed, in double precision: averages are kept as sums.
class Reference {
 public:
  Reference(const Shape& shape, bool factored, Values parameter)
      : x(std::move(parameter)),
        v(factored ? 0 : x.size(), 0),
        row_sums(factored ? rows_of(shape) : 0, 0),
        column_sums(factored ? x.size() / rows_of(shape) : 0, 0),
        momentum(x.size(), 0) {}

  void step(const Values& g, int t, bool has_momentum) {
    const double beta2 = 1 - std::pow(t, -0.8), rho = std::min(1e-2, 1 / std::sqrt(t));
    const double alpha = std::max(1e-3, std::sqrt(square_mean(x))) * rho;
    Values u = v.empty() ? factored(g, beta2) : whole(g, beta2);
    const double clip = std::max(1.0, std::sqrt(square_mean(u)));
    was_clipped = was_clipped || clip > 1.05;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double by = alpha * u[i] / clip;
      momentum[i] = 0.9 * momentum[i] + 0.1 * by;
      x[i] -= has_momentum ? momentum[i] : by;
    }
  }

  [[nodiscard]] Values row_averages() const { return over(row_sums, column_sums.size()); }
  [[nodiscard]] Values column_averages() const { return over(column_sums, row_sums.size()); }

  Values x, v, row_sums, column_sums, momentum;
  bool was_clipped = false;

 private:
  static std::size_t rows_of(const Shape& shape) { return static_cast<std::size_t>(shape.rows); }

  static Values over(Values sums, std::size_t count) {
    for (double& sum : sums) sum /= static_cast<double>(count);
    return sums;
  }

  Values whole(const Values& g, double beta2) {
    Values u(g.size());
    for (std::size_t i = 0; i < g.size(); ++i) {
      v[i] = beta2 * v[i] + (1 - beta2) * (g[i] * g[i] + 1e-30);
      u[i] = g[i] / std::sqrt(v[i]);
    }
    return u;
  }

  Values factored(const Values& g, double beta2) {
    const std::size_t c = column_sums.size();
    for (double& sum : row_sums) sum *= beta2;
    for (double& sum : column_sums) sum *= beta2;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double square = (1 - beta2) * (g[i] * g[i] + 1e-30);
      row_sums[i / c] += square;
      column_sums[i % c] += square;
    }
    const double all = std::accumulate(row_sums.begin(), row_sums.end(), 0.0);
    Values u(g.size());
    for (std::size_t i = 0; i < g.size(); ++i) u[i] = g[i] / std::sqrt(row_sums[i / c] * column_sums[i % c] / all);
    return u;
  }
};

/// The states of a parameter, all zero.
struct States {
  Operand momentum, second, rows, columns;
  bool has_momentum, factored;

  States(const Shape& shape, bool with_momentum, Type momentum_type, bool is_factored)
      : momentum(device(), momentum_type, shape),
        second(device(), Type::fp32, shape),
        rows(device(), Type::fp32, {1, 1, shape.rows}),
        columns(device(), Type::fp32, {1, 1, shape.width}),
        has_momentum(with_momentum),
        factored(is_factored) {
    for (Operand* operand : {&momentum, &second, &rows, &columns}) operand->fill(0);
  }

  [[nodiscard]] kernels::AdafactorStates views() const {
    kernels::AdafactorStates states;
    if (has_momentum) states.momentum = momentum;
    if (!factored) states.second_moment = second;
    if (factored) {
      states.row_averages = rows;
      states.column_averages = columns;
    }
    return states;
  }
};

/// Of step t; grows, so that steps behind the first are clipped. Some rows and columns are zero: tokens nobody used.
Values gradient_of(const Shape& shape, unsigned t) {
  Operand random(device(), Type::bf16, shape);
  Values g = random.random(t, std::pow(10.0, t) * 1e-4).values();
  for (std::size_t i = 0; i < g.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / shape.width, column = static_cast<std::int64_t>(i) % shape.width;
    if (shape.rows > 2 && (row % 5 == 3 || column % 7 == 2)) g[i] = 0;
  }
  return g;
}

constexpr Shape kShapes[] = {{1, 37, 1100}, {1, 700, 5}, {1, 1, 5003}, {1, 64, 2304}};

void check_states(const States& states, const Reference& expected, double allowed) {
  if (states.has_momentum) CHECK(error_of(states.momentum, expected.momentum) <= allowed);
  if (states.factored) {
    CHECK(error_of(states.rows, expected.row_averages()) <= 1e-5);
    CHECK(error_of(states.columns, expected.column_averages()) <= 1e-5);
  } else {
    CHECK(error_of(states.second, expected.v) <= 1e-5);
  }
}

void check_steps(const Shape& shape, bool factored, bool has_momentum, Type momentum) {
  const Operand parameter = random_operand(Type::bf16, shape, 1), master(device(), Type::fp32, shape);
  const Operand rounded(device(), Type::bf16, shape);
  backend().convert(master, parameter);
  const States states(shape, has_momentum, momentum, factored);
  const Values before = master.values();
  Reference expected(shape, factored, before);
  for (int t = 1; t <= 4; ++t) {
    Operand gradient(device(), Type::bf16, shape);
    const Values g = gradient.set(gradient_of(shape, static_cast<unsigned>(t))).values();
    Adafactor settings;
    settings.step = t;
    backend().adafactor(parameter, master, states.views(), gradient, settings);
    expected.step(g, t, has_momentum);
  }
  CHECK(expected.was_clipped);
  // A bf16 momentum is rounded in every step.
  CHECK(error_of(master, expected.x) <= (momentum == Type::bf16 ? 1e-4 : 1e-5));
  CHECK(error_of(master, before) > 1e-3);
  check_states(states, expected, 2 * tolerance(momentum));
  backend().convert(rounded, master);
  CHECK(parameter.values() == rounded.values());
}

}  // namespace

TEST_CASE("Adafactor follows the paper's algorithms 4 and 5, clipping included, where rows and columns are dead too") {
  for (const Shape& shape : kShapes) {
    for (const bool factored : {true, false}) {
      CAPTURE(shape.rows, shape.width, factored);
      check_steps(shape, factored, false, Type::fp32);
    }
  }
}

TEST_CASE("Adafactor's momentum averages its steps, in its own type") {
  for (const Type type : kFloating) {
    for (const bool factored : {true, false}) {
      CAPTURE(static_cast<int>(type), factored);
      check_steps(kShapes[0], factored, true, type);
    }
  }
}

TEST_CASE("Adafactor moves a parameter of zeros by its least size") {
  const Shape shape{1, 4, 300};
  Operand parameter(device(), Type::fp32, shape);
  parameter.fill(0);
  Operand gradient(device(), Type::fp32, shape);
  gradient.fill(0.25);
  const States states(shape, false, Type::fp32, true);
  backend().adafactor(parameter, {}, states.views(), gradient, {});
  CHECK(error_of(parameter, Values(shape.size(), -1e-3 * 1e-2)) <= 1e-5);
}

TEST_CASE("Adafactor refuses states that do not belong to the parameter") {
  const Shape shape{1, 6, 40};
  const Operand p = random_operand(Type::fp32, shape, 1), g = random_operand(Type::fp32, shape, 2);
  const States states(shape, false, Type::fp32, true), other({1, 40, 6}, false, Type::fp32, true);
  const auto step = [&](const kernels::AdafactorStates& with) { backend().adafactor(p, {}, with, g, {}); };
  kernels::AdafactorStates both = states.views();
  both.second_moment = states.second;
  CHECK_NOTHROW(step(states.views()));
  CHECK_THROWS_WITH(step(both), contains("neither whole nor row and column averages"));
  CHECK_THROWS_WITH(step({}), contains("neither whole nor row and column averages"));
  CHECK_THROWS_WITH(step(other.views()), contains("row averages are not one a row"));
  Adafactor settings;
  settings.step = 0;
  CHECK_THROWS_WITH(backend().adafactor(p, {}, states.views(), g, settings), contains("steps count from 1"));
}

}  // namespace headroom::test

#include <catch.h>

#include <cmath>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::AdamW;

constexpr Shape kShape{1, 3, 1100};

/// One parameter and its moments, in double precision.
struct Element {
  double parameter;
  double first;
  double second;

  void step(double gradient, const AdamW& s) {
    const auto beta1 = static_cast<double>(s.beta1), beta2 = static_cast<double>(s.beta2);
    first = beta1 * first + (1 - beta1) * gradient;
    second = beta2 * second + (1 - beta2) * gradient * gradient;
    const double m = first / (1 - std::pow(beta1, static_cast<double>(s.step)));
    const double v = second / (1 - std::pow(beta2, static_cast<double>(s.step)));
    parameter -= static_cast<double>(s.learning_rate) * (m / (std::sqrt(v) + static_cast<double>(s.epsilon)) +
                                                         static_cast<double>(s.weight_decay) * parameter);
  }
};

}  // namespace

TEST_CASE("AdamW follows its formula over several steps") {
  const Operand parameter = random_operand(Type::fp32, kShape, 1);
  Operand first(device(), Type::fp32, kShape), second(device(), Type::fp32, kShape);
  first.fill(0);
  second.fill(0);
  std::vector<Element> expected;
  for (const double value : parameter.values()) expected.push_back({value, 0, 0});
  AdamW settings;
  settings.learning_rate = 0.01F;
  for (settings.step = 1; settings.step <= 5; ++settings.step) {
    const Operand gradient = random_operand(Type::fp32, kShape, static_cast<unsigned>(10 + settings.step));
    backend().adamw(parameter, {}, first, second, gradient, settings);
    const Values g = gradient.values();
    for (std::size_t i = 0; i < g.size(); ++i) expected[i].step(g[i], settings);
  }
  Values p, m, v;
  for (const Element& e : expected) {
    p.push_back(e.parameter);
    m.push_back(e.first);
    v.push_back(e.second);
  }
  CHECK(error_of(parameter, p) <= 1e-5);
  CHECK(error_of(first, m) <= 1e-5);
  CHECK(error_of(second, v) <= 1e-5);
}

TEST_CASE("With a master copy the parameter is its rounded copy, and small steps are not lost") {
  const Operand master = random_operand(Type::fp32, kShape, 1);
  const Operand parameter(device(), Type::bf16, kShape), rounded(device(), Type::bf16, kShape);
  backend().convert(parameter, master);
  const Operand gradient = random_operand(Type::bf16, kShape, 2);
  Operand first(device(), Type::bf16, kShape), second(device(), Type::bf16, kShape);
  first.fill(0);
  second.fill(0);
  const Values before = master.values();
  AdamW settings;
  settings.learning_rate = 1e-5F;
  backend().adamw(parameter, master, first, second, gradient, settings);
  backend().convert(rounded, master);
  CHECK(parameter.values() == rounded.values());
  CHECK(error_of(master, before) > 1e-6);
  CHECK(error_of(master, before) < 1e-4);
}

TEST_CASE("Gradient descent subtracts the scaled gradient, from the master copy where there is one") {
  for (const Type type : kFloating) {
    const Operand parameter = random_operand(type, kShape, 1);
    const Operand gradient = random_operand(type, kShape, 2);
    Values expected = parameter.values();
    const Values g = gradient.values();
    for (std::size_t i = 0; i < g.size(); ++i) expected[i] -= 0.5 * g[i];
    const Operand master(device(), Type::fp32, kShape);
    backend().convert(master, parameter);
    backend().sgd(parameter, {}, gradient, 0.5F);
    CHECK(error_of(parameter, expected) <= tolerance(type));
    backend().sgd(parameter, master, gradient, 0.5F);
    CHECK(error_of(parameter, expected) <= tolerance(type));
    CHECK(error_of(master, expected) <= 1e-5);
  }
}

}  // namespace headroom::test

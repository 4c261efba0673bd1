#include <catch.h>

#include "compare.h"
#include "reference_adamw.h"

namespace headroom::test {

namespace {

using kernels::AdamW;

constexpr Shape kShape{1, 3, 1100};

}  // namespace

TEST_CASE("AdamW follows its formula over several steps") {
  const Operand parameter = random_operand(Type::fp32, kShape, 1);
  Operand first(device(), Type::fp32, kShape), second(device(), Type::fp32, kShape);
  first.fill(0);
  second.fill(0);
  std::vector<AdamWElement> expected = elements_of(parameter.values());
  AdamW settings;
  settings.learning_rate = 0.01F;
  for (settings.step = 1; settings.step <= 5; ++settings.step) {
    const Operand gradient = random_operand(Type::fp32, kShape, static_cast<unsigned>(10 + settings.step));
    backend().adamw(parameter, {}, first, second, gradient, settings);
    step_all(expected, gradient.values(), settings);
  }
  CHECK(error_of(parameter, parameters_of(expected)) <= 1e-5);
  CHECK(error_of(first, first_of(expected)) <= 1e-5);
  CHECK(error_of(second, second_of(expected)) <= 1e-5);
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
    backend().sgd(parameter, {}, {}, gradient, {0.5F});
    CHECK(error_of(parameter, expected) <= tolerance(type));
    backend().sgd(parameter, master, {}, gradient, {0.5F});
    CHECK(error_of(parameter, expected) <= tolerance(type));
    CHECK(error_of(master, expected) <= 1e-5);
  }
}

TEST_CASE("With momentum gradient descent follows Polyak's formula over several steps") {
  const kernels::Sgd settings{0.1F, 0.75F};
  for (const Type type : kFloating) {
    const Operand parameter = random_operand(Type::bf16, kShape, 1), master(device(), Type::fp32, kShape);
    const Operand rounded(device(), Type::bf16, kShape);
    backend().convert(master, parameter);
    Operand momentum(device(), type, kShape);
    momentum.fill(0);
    Values p = master.values(), m(p.size(), 0);
    for (unsigned step = 1; step <= 4; ++step) {
      const Operand gradient = random_operand(Type::bf16, kShape, 10 + step);
      backend().sgd(parameter, master, momentum, gradient, settings);
      const Values g = gradient.values();
      for (std::size_t i = 0; i < p.size(); ++i) {
        m[i] = 0.75 * m[i] + g[i];
        p[i] -= static_cast<double>(settings.learning_rate) * m[i];
      }
    }
    CHECK(error_of(momentum, m) <= 2 * tolerance(type));  // rounded in every step
    CHECK(error_of(master, p) <= tolerance(type));
    backend().convert(rounded, master);
    CHECK(parameter.values() == rounded.values());
  }
}

TEST_CASE("Gradient descent refuses a momentum of another shape or type") {
  const Operand p = random_operand(Type::fp32, kShape, 1), g = random_operand(Type::fp32, kShape, 2);
  const Operand narrow(device(), Type::fp32, {1, 3, 8}), ints(device(), Type::int32, kShape);
  CHECK_THROWS_WITH(backend().sgd(p, {}, narrow, g, {}), contains("the momentum and the parameter differ in shape"));
  CHECK_THROWS_WITH(backend().sgd(p, {}, ints, g, {}), contains("must be fp32 or bf16"));
}

}  // namespace headroom::test

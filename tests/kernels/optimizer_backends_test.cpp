// The optimizers' steps, held against the host's.

#include <catch.h>

#include <cmath>

#include "compare.h"
#include "host_device.h"

namespace headroom::test {

namespace {

/// Blocks of moments that end within a row, packs that end within a row.
constexpr Shape kShape{1, 19, 1201};
constexpr Shape kRow{1, 1, 19}, kColumn{1, 1, 1201};
constexpr std::int64_t kSteps = 3;

/// Tensors of a device that all start as random or zero.
struct Tensors {
  Operand parameter, master, momentum, second, rows, columns;

  Tensors(Device& on, Type type)
      : parameter(on, type, kShape),
        master(on, Type::fp32, kShape),
        momentum(on, type, kShape),
        second(on, Type::fp32, kShape),
        rows(on, Type::fp32, kRow),
        columns(on, Type::fp32, kColumn) {
    parameter.random(1);
    master.random(1);
    for (Operand* state : {&momentum, &second, &rows, &columns}) state->fill(0);
  }

  [[nodiscard]] std::vector<Values> values() const {
    return {parameter.values(), master.values(), momentum.values(), second.values(), rows.values(), columns.values()};
  }
};

template <class Step>
std::vector<Values> run(Device& on, Type type, const Step& step) {
  const Tensors tensors(on, type);
  for (std::int64_t t = 1; t <= kSteps; ++t) {
    Operand gradient(on, type, kShape);
    gradient.random(static_cast<unsigned>(t), static_cast<double>(t * t));
    step(on.backend(), tensors, gradient, t);
  }
  return tensors.values();
}

template <class Step>
void check_like_host(const Step& step) {
  for (const Type type : kFloating) {
    HostDevice host(1);
    const std::vector<Values> expected = run(host, type, step), actual = run(device(), type, step);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(static_cast<int>(type), i);
      CHECK((actual[i] == expected[i] || error_of(actual[i], expected[i]) <= tolerance(type)));
    }
  }
}

struct EightBit {
  Operand parameter, first, first_scales, second, second_scales;

  explicit EightBit(Device& on)
      : parameter(on, Type::fp32, kShape),
        first(on, Type::uint8, kShape),
        first_scales(on, Type::fp32, scales()),
        second(on, Type::uint8, kShape),
        second_scales(on, Type::fp32, scales()) {
    parameter.random(1);
    for (Operand* state : {&first, &first_scales, &second, &second_scales}) state->fill(0);
    for (std::int64_t t = 1; t <= kSteps; ++t) {
      Operand gradient(on, Type::fp32, kShape);
      gradient.random(static_cast<unsigned>(t));
      kernels::AdamW settings;
      settings.step = t;
      on.backend().adamw_8bit(parameter, {}, {first, first_scales}, {second, second_scales}, gradient, settings);
    }
  }

  static Shape scales() { return {1, 1, kernels::moment_blocks(static_cast<std::int64_t>(kShape.size()))}; }
};

/// Codes that differ; none by more than a place.
std::size_t differences(const Values& a, const Values& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    ++count;
    CHECK(std::abs(a[i] - b[i]) == 1);
  }
  return count;
}

}  // namespace

TEST_CASE("Gradient descent with momentum comes out as on the host") {
  check_like_host([](kernels::Backend& b, const Tensors& t, const Operand& gradient, std::int64_t) {
    b.sgd(t.parameter, t.master, t.momentum, gradient, {0.01F, 0.9F});
  });
}

TEST_CASE("Adafactor comes out as on the host, factored and not, with momentum and without") {
  const bool factored = GENERATE(true, false), has_momentum = GENERATE(true, false);
  CAPTURE(factored, has_momentum);
  check_like_host([&](kernels::Backend& b, const Tensors& t, const Operand& gradient, std::int64_t step) {
    kernels::Adafactor settings;
    settings.step = step;
    const View momentum = has_momentum ? View(t.momentum) : View();
    if (factored) {
      b.adafactor(t.parameter, t.master, {momentum, {}, t.rows, t.columns}, gradient, settings);
    } else {
      b.adafactor(t.parameter, {}, {momentum, t.second, {}, {}}, gradient, settings);
    }
  });
}

TEST_CASE("8-bit AdamW comes out as on the host, but for codes that the last bit of a moment decides") {
  HostDevice host(1);
  const EightBit expected(host), actual(device());
  const auto most = static_cast<std::size_t>(static_cast<double>(kShape.size()) * 1e-3);
  CHECK(error_of(actual.parameter, expected.parameter.values()) <= 1e-4);
  CHECK(error_of(actual.first_scales, expected.first_scales.values()) <= 1e-3);
  CHECK(error_of(actual.second_scales, expected.second_scales.values()) <= 1e-3);
  CHECK(differences(actual.first.values(), expected.first.values()) <= most);
  CHECK(differences(actual.second.values(), expected.second.values()) <= most);
}

}  // namespace headroom::test

#include <catch.h>

#include <algorithm>
#include <cmath>

#include "compare.h"
#include "reference_adamw.h"
#include "reference_code.h"

namespace headroom::test {

namespace {

using kernels::AdamW;
using kernels::kMomentBlock;

/// An 8-bit moment of a parameter, all zero bytes.
struct Moment {
  Operand codes, scales;

  explicit Moment(const Shape& shape)
      : codes(device(), Type::uint8, shape),
        scales(device(), Type::fp32, {1, 1, kernels::moment_blocks(static_cast<std::int64_t>(shape.size()))}) {
    codes.fill(0);
    scales.fill(0);
  }

  [[nodiscard]] kernels::EightBitMoment views() const { return {codes, scales}; }
  [[nodiscard]] Values decoded(const Values& code) const {
    Values values = codes.values();
    const Values scale = scales.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = code.at(static_cast<std::size_t>(values[i])) * scale.at(i / kMomentBlock);
    }
    return values;
  }
};

/// The largest magnitude of each block.
Values largest_of(const Values& values) {
  Values largest(static_cast<std::size_t>(kernels::moment_blocks(static_cast<std::int64_t>(values.size()))), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& most = largest[i / kMomentBlock];
    most = std::max(most, std::abs(values[i]));
  }
  return largest;
}

/// The largest difference of two moments, as a part of the largest magnitude of the block.
double worst_in_block(const Values& actual, const Values& expected) {
  const Values largest = largest_of(expected);
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(actual[i] - expected[i]) / largest[i / kMomentBlock]);
  }
  return worst;
}

/// Blocks that end with the parameter, within it, and one alone.
constexpr Shape kShapes[] = {{1, 8, 64}, {1, 3, 1100}, {1, 1, 77}, {1, 5, 4999}};

}  // namespace

TEST_CASE("A step of 8-bit AdamW is AdamW's, and each moment is rounded to the nearest code of its block") {
  for (const Shape& shape : kShapes) {
    CAPTURE(shape.rows, shape.width);
    const Operand parameter = random_operand(Type::fp32, shape, 1), gradient = random_operand(Type::bf16, shape, 2);
    const Moment first(shape), second(shape);
    std::vector<AdamWElement> expected = elements_of(parameter.values());
    AdamW settings;
    settings.learning_rate = 0.01F;
    backend().adamw_8bit(parameter, {}, first.views(), second.views(), gradient, settings);
    step_all(expected, gradient.values(), settings);
    CHECK(error_of(parameter, parameters_of(expected)) <= 1e-5);
    CHECK(error_of(first.scales, largest_of(first_of(expected))) <= 1e-6);
    CHECK(error_of(second.scales, largest_of(second_of(expected))) <= 1e-6);
    // Half of the widest gaps: 0.9 / 64 of a signed code, 0.9 / 128 of an unsigned one.
    CHECK(worst_in_block(first.decoded(signed_code()), first_of(expected)) <= 0.9 / 128 + 1e-6);
    CHECK(worst_in_block(second.decoded(unsigned_code()), second_of(expected)) <= 0.9 / 256 + 1e-6);
  }
}

TEST_CASE("8-bit AdamW follows AdamW over several steps to a twentieth of the way") {
  const Shape shape{1, 5, 4999};
  const Operand parameter = random_operand(Type::bf16, shape, 1), master(device(), Type::fp32, shape);
  const Operand rounded(device(), Type::bf16, shape);
  backend().convert(master, parameter);
  const Moment first(shape), second(shape);
  const Values before = master.values();
  std::vector<AdamWElement> expected = elements_of(before);
  AdamW settings;
  for (settings.step = 1; settings.step <= 6; ++settings.step) {
    const Operand gradient = random_operand(Type::bf16, shape, static_cast<unsigned>(10 + settings.step));
    backend().adamw_8bit(parameter, master, first.views(), second.views(), gradient, settings);
    step_all(expected, gradient.values(), settings);
  }
  const Values after = master.values(), wanted = parameters_of(expected);
  double way = 0, astray = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    way += std::pow(wanted[i] - before[i], 2);
    astray += std::pow(after[i] - wanted[i], 2);
  }
  CHECK(std::sqrt(astray / way) <= 0.05);
  CHECK(astray > 0);
  backend().convert(rounded, master);
  CHECK(parameter.values() == rounded.values());
}

TEST_CASE("8-bit moments without a gradient stay zero") {
  const Shape shape{1, 2, 300};
  const Operand parameter = random_operand(Type::fp32, shape, 1);
  const Moment first(shape), second(shape);
  Operand gradient(device(), Type::fp32, shape);
  gradient.fill(0);
  AdamW settings;
  settings.weight_decay = 0;
  const Values before = parameter.values();
  backend().adamw_8bit(parameter, {}, first.views(), second.views(), gradient, settings);
  backend().adamw_8bit(parameter, {}, first.views(), second.views(), gradient, settings);
  CHECK(parameter.values() == before);
  CHECK(first.decoded(signed_code()) == Values(shape.size(), 0));
  CHECK(second.decoded(unsigned_code()) == Values(shape.size(), 0));
}

TEST_CASE("8-bit AdamW refuses moments that do not belong to the parameter") {
  const Shape shape{1, 2, 300};
  const Operand p = random_operand(Type::fp32, shape, 1), g = random_operand(Type::fp32, shape, 2);
  const Moment good(shape), narrow({1, 2, 299}), longer({1, 1, 1000});
  const auto step = [&](const kernels::EightBitMoment& moment) {
    backend().adamw_8bit(p, {}, good.views(), moment, g, {});
  };
  CHECK_NOTHROW(step(good.views()));
  CHECK_THROWS_WITH(step(narrow.views()), contains("the codes of a moment and the parameter differ in shape"));
  CHECK_THROWS_WITH(step({p, good.scales}), contains("the codes of a moment are not uint8"));
  CHECK_THROWS_WITH(step({good.codes, {}}), contains("a moment has no scales"));
  CHECK_THROWS_WITH(step({good.codes, longer.scales}), contains("the scales of a moment are not one a block"));
}

}  // namespace headroom::test

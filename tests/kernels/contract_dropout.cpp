#include <catch.h>

#include <numeric>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::Dropout;

constexpr Dropout kDropout{0.3F, 1234};

Values masked(const Values& x, const Values& mask, const Dropout& dropout) {
  Values out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back(x[i] * mask[i] * static_cast<double>(dropout.scale()));
  return out;
}

}  // namespace

TEST_CASE("Dropout scales what it keeps, and its mask says what that is") {
  for (const Type type : kFloating) {
    const Shape shape{2, 5, 1100};
    const Operand x = random_operand(type, shape, 1);
    const Operand out(device(), type, shape, Place::chunk);
    const Operand mask(device(), Type::uint8, shape, Place::chunk);
    backend().dropout(out, mask, x, kDropout, {});
    CHECK(error_of(out, masked(x.values(), mask.values(), kDropout)) <= tolerance(type));
    CHECK(out.surroundings_untouched());
    CHECK(mask.surroundings_untouched());
    backend().dropout(x, {}, x, kDropout, {});
    CHECK(x.values() == out.values());
  }
}

TEST_CASE("Dropout keeps element i where the counter-based generator says so") {
  const Operand x = random_operand(Type::fp32, {2, 3, 50}, 1);
  const Operand mask(device(), Type::uint8, {2, 3, 50});
  backend().dropout(x, mask, x, kDropout, {});
  const Values values = mask.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == (kernels::keeps(kDropout, static_cast<std::int64_t>(i)) ? 1 : 0));
  }
}

TEST_CASE("Dropout moved by some elements draws for a part of a tensor what is drawn for the whole") {
  const Operand all(device(), Type::uint8, {6, 4, 5}), part(device(), Type::uint8, {2, 4, 5});
  backend().dropout({}, all, {}, kDropout, {});
  backend().dropout({}, part, {}, kernels::moved_by(kDropout, 3 * 4 * 5), {});
  const Values of_all = all.values(), of_part = part.values();
  CHECK(of_part == Values(of_all.begin() + 3 * 4 * 5, of_all.begin() + 5 * 4 * 5));
}

TEST_CASE("A dropout mask can be drawn without a tensor to drop") {
  const Operand x = random_operand(Type::fp32, {2, 3, 50}, 1);
  const Operand mask(device(), Type::uint8, {2, 3, 50}), alone(device(), Type::uint8, {2, 3, 50}, Place::chunk);
  backend().dropout(x, mask, x, kDropout, {});
  backend().dropout({}, alone, {}, kDropout, {});
  CHECK(alone.values() == mask.values());
  CHECK(alone.surroundings_untouched());
}

TEST_CASE("A block of a sequence draws what the whole sequence draws there") {
  const Shape whole{2, 40, 33};
  const Operand all(device(), Type::uint8, whole);
  const Operand x = random_operand(Type::fp32, whole, 1);
  const Operand out(device(), Type::fp32, whole);
  backend().dropout(out, all, x, kDropout, {});
  const Operand blocks(device(), Type::uint8, whole);
  for (const std::int64_t first : {0, 13, 26, 39}) {
    const std::int64_t rows = std::min<std::int64_t>(13, 40 - first);
    backend().dropout(rows_of(out, first, rows), rows_of(blocks, first, rows), rows_of(x, first, rows), kDropout,
                      {first, 40});
  }
  CHECK(blocks.values() == all.values());
}

TEST_CASE("Dropout drops the share it is asked to, differently for each seed") {
  const Shape shape{1, 400, 500};
  const Operand x = random_operand(Type::fp32, shape, 1);
  const Operand mask(device(), Type::uint8, shape), other(device(), Type::uint8, shape);
  backend().dropout(x, mask, x, kDropout, {});
  backend().dropout(x, other, x, {0.3F, 1235}, {});
  const Values a = mask.values(), b = other.values();
  const auto n = static_cast<double>(a.size());
  CHECK(std::accumulate(a.begin(), a.end(), 0.0) / n == Approx(0.7).margin(0.005));
  CHECK(std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / n == Approx(0.49).margin(0.005));
}

TEST_CASE("Dropout's gradient passes where the mask is one, into a copy or in place") {
  for (const Type type : kFloating) {
    const Shape shape{2, 5, 70};
    const Operand dy = random_operand(type, shape, 1, Place::chunk);
    const Operand mask(device(), Type::uint8, shape);
    const Operand dx(device(), type, shape);
    backend().dropout(dx, mask, dy, kDropout, {});
    const Values expected = masked(dy.values(), mask.values(), kDropout);
    backend().dropout_backward(dx, dy, mask, kDropout);
    CHECK(error_of(dx, expected) <= tolerance(type));
    backend().dropout_backward(dy, dy, mask, kDropout);
    CHECK(error_of(dy, expected) <= tolerance(type));
    CHECK(dy.surroundings_untouched());
  }
}

}  // namespace headroom::test

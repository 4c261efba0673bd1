#include <catch.h>

#include <cmath>

#include "compare.h"
#include "reference_loss.h"

namespace headroom::test {

namespace {

Values make_targets(std::size_t rows, std::int64_t vocab) {
  Values targets;
  for (std::size_t i = 0; i < rows; ++i)
    targets.push_back(static_cast<double>(static_cast<std::int64_t>(i) * 5 % vocab));
  return targets;
}

struct Case {
  Operand logits;
  Operand targets;
  Operand loss;

  Case(Type type, Shape shape, Place place, double scale)
      : logits(random_operand(type, shape, 1, place, scale)),
        targets(device(), Type::int32, {shape.batch, shape.rows, 1}, place),
        loss(device(), Type::fp32, {1, 1, 1}) {
    targets.set(make_targets(static_cast<std::size_t>(shape.batch * shape.rows), shape.width));
  }
};

}  // namespace

TEST_CASE("Cross-entropy is the mean over all tokens, set or added, and leaves the logits without a gradient") {
  for (const Type type : kFloating) {
    for (const std::int64_t vocab : {2, 7, 2048, 2500}) {
      CAPTURE(static_cast<int>(type), vocab);
      Case c(type, {2, 75, vocab}, Place::chunk, 4);
      const Values before = c.logits.values();
      backend().cross_entropy(c.loss, Write::set, c.logits, c.targets, 300, false);
      const Values expected = reference_loss(before, c.targets.values(), 300);
      CHECK(error_of(c.loss, expected) <= 1e-5);
      backend().cross_entropy(c.loss, Write::add, c.logits, c.targets, 300, false);
      CHECK(error_of(c.loss, plus(expected, expected)) <= 1e-5);
      CHECK(c.logits.values() == before);
    }
  }
}

TEST_CASE("The gradient of cross-entropy is that of central differences, in the place of the logits") {
  for (const Type type : kFloating) {
    for (const bool with_loss : {true, false}) {
      CAPTURE(static_cast<int>(type), with_loss);
      Case c(type, {2, 3, 13}, Place::chunk, 4);
      const Values before = c.logits.values(), targets = c.targets.values();
      const Values expected =
          differences(before, {1}, [&](const Values& at) { return reference_loss(at, targets, 20); });
      backend().cross_entropy(with_loss ? c.loss.view() : View{}, Write::set, c.logits, c.targets, 20, true);
      CHECK(error_of(c.logits, expected) <= tolerance(type));
      CHECK(c.logits.surroundings_untouched());
      if (with_loss) CHECK(error_of(c.loss, reference_loss(before, targets, 20)) <= 1e-5);
    }
  }
}

TEST_CASE("Cross-entropy over chunks of tokens adds up to that over all") {
  const Case c(Type::fp32, {2, 10, 31}, Place::whole, 4);
  const Operand chunked(device(), Type::fp32, {2, 10, 31});
  backend().convert(chunked, c.logits);
  const Operand loss(device(), Type::fp32, {1, 1, 1});
  for (const std::int64_t first : {0, 4, 8}) {
    const std::int64_t rows = std::min<std::int64_t>(4, 10 - first);
    backend().cross_entropy(loss, first == 0 ? Write::set : Write::add, rows_of(chunked, first, rows),
                            rows_of(c.targets, first, rows), 20, true);
  }
  backend().cross_entropy(c.loss, Write::set, c.logits, c.targets, 20, true);
  CHECK(error_of(loss, c.loss.values()) <= 1e-6);
  CHECK(error_of(chunked, c.logits.values()) <= 1e-6);
}

TEST_CASE("Cross-entropy of huge logits neither overflows nor vanishes") {
  Case c(Type::fp32, {1, 1, 3}, Place::whole, 1);
  c.logits.set({1e4, -1e4, 1e4});
  backend().cross_entropy(c.loss, Write::set, c.logits, c.targets, 1, true);
  CHECK(error_of(c.loss, {std::log(2.0)}) <= 1e-5);
  CHECK(error_of(c.logits, {-0.5, 0, 0.5}) <= 1e-5);
}

TEST_CASE("A target outside the vocabulary is refused by name, at the latest when the backend is waited for") {
  Case c(Type::fp32, {1, 1, 3}, Place::whole, 1);
  c.targets.set({3});
  CHECK_THROWS_WITH(
      (backend().cross_entropy(c.loss, Write::set, c.logits, c.targets, 1, true), backend().synchronize()),
      contains("cross_entropy"));
  CHECK_NOTHROW(backend().synchronize());
}

}  // namespace headroom::test

#include <catch.h>

#include "compare.h"

namespace headroom::test {

namespace {

constexpr std::int64_t kVocab = 11;

Operand make_ids(Shape shape, Place place = Place::chunk) {
  Operand ids(device(), Type::int32, shape, place);
  Values values;
  for (std::size_t i = 0; i < shape.size(); ++i) values.push_back(static_cast<double>(i * 7 % 5 + i % 2 * 5));
  ids.set(values);
  return ids;
}

/// Row `target(i)` of the table for each row i.
template <class Target>
Values gather(const Values& table, std::size_t rows, std::size_t width, const Target& target) {
  Values out;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t begin = target(i) * width;
    for (std::size_t c = 0; c < width; ++c) out.push_back(table[begin + c]);
  }
  return out;
}

template <class Target>
Values scatter(const Values& dx, std::size_t table_rows, std::size_t width, const Target& target) {
  Values out(table_rows * width, 0);
  for (std::size_t i = 0; i < dx.size(); ++i) out[target(i / width) * width + i % width] += dx[i];
  return out;
}

}  // namespace

TEST_CASE("Embedding gathers the rows that the ids name") {
  for (const Type type : kFloating) {
    const Operand table = random_operand(type, {1, kVocab, 130}, 1);
    const Operand ids = make_ids({2, 6, 1});
    const Operand out(device(), type, {2, 6, 130}, Place::chunk);
    backend().embed(out, table, ids);
    const Values id = ids.values();
    CHECK(out.values() ==
          gather(table.values(), 12, 130, [&](std::size_t i) { return static_cast<std::size_t>(id[i]); }));
    CHECK(out.surroundings_untouched());
  }
}

TEST_CASE("The embedding's gradient adds up the rows that share an id, set or added") {
  for (const Type type : kFloating) {
    for (const Write write : kWrites) {
      CAPTURE(static_cast<int>(type), static_cast<int>(write));
      const Operand dx = random_operand(type, {2, 6, 130}, 1, Place::chunk);
      const Operand ids = make_ids({2, 6, 1});
      Operand table(device(), type, {1, kVocab, 130});
      if (write == Write::add) table.random(2);
      const Values before = table.values(), id = ids.values();
      backend().embed_backward(table, dx, ids, write);
      const Values expected =
          scatter(dx.values(), kVocab, 130, [&](std::size_t i) { return static_cast<std::size_t>(id[i]); });
      CHECK(error_of(table, written(before, expected, write)) <= 3 * tolerance(type));
    }
  }
}

TEST_CASE("The embedding's gradient takes sequences of any length") {
  const Operand dx = random_operand(Type::fp32, {2, 9001, 3}, 1);
  const Operand ids = make_ids({2, 9001, 1});
  const Operand table(device(), Type::fp32, {1, kVocab, 3});
  const Values id = ids.values();
  backend().embed_backward(table, dx, ids, Write::set);
  CHECK(error_of(table, scatter(dx.values(), kVocab, 3,
                                [&](std::size_t i) { return static_cast<std::size_t>(id[i]); })) <= 1e-5);
}

TEST_CASE("An id outside the table is refused by name, at the latest when the backend is waited for") {
  Operand ids = make_ids({1, 2, 1});
  const Operand table = random_operand(Type::fp32, {1, kVocab, 4}, 1);
  const Operand out(device(), Type::fp32, {1, 2, 4});
  ids.set({0, kVocab});
  CHECK_THROWS_WITH((backend().embed(out, table, ids), backend().synchronize()), contains("embed"));
  ids.set({-1, 0});
  CHECK_THROWS_WITH((backend().embed_backward(table, out, ids, Write::set), backend().synchronize()),
                    contains("embed_backward"));
  CHECK_NOTHROW(backend().synchronize());
}

TEST_CASE("Learned positions are added from the block's first row on, and their gradient is summed over the batch") {
  for (const Type type : kFloating) {
    for (const Write write : kWrites) {
      CAPTURE(static_cast<int>(type), static_cast<int>(write));
      const Operand x = random_operand(type, {3, 4, 130}, 1, Place::chunk);
      Operand table = random_operand(type, {1, 9, 130}, 2);
      const auto target = [](std::size_t i) { return 5 + i % 4; };
      const Values sum = plus(x.values(), gather(table.values(), 12, 130, target));
      backend().add_positions(x, table, {5, 9});
      CHECK(error_of(x, sum) <= tolerance(type));
      CHECK(x.surroundings_untouched());
      const Values before = table.values();
      backend().add_positions_backward(table, x, {5, 9}, write);
      CHECK(error_of(table, written(before, scatter(x.values(), 9, 130, target), write)) <= 3 * tolerance(type));
    }
  }
}

TEST_CASE("Positions beyond the table are refused by name") {
  const Operand x = random_operand(Type::fp32, {1, 4, 3}, 1);
  const Operand table = random_operand(Type::fp32, {1, 9, 3}, 2);
  CHECK_THROWS_WITH(backend().add_positions(x, table, {6, 0}), contains("add_positions"));
}

}  // namespace headroom::test

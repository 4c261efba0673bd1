// The operations on parts of a vocabulary, held against the host's.

#include <catch.h>

#include "compare.h"
#include "host_device.h"

namespace headroom::test {

namespace {

using kernels::VocabularyPart;

constexpr std::int64_t kBatch = 2;
constexpr std::int64_t kRows = 77;
/// Wide enough for several warps, packs of whole and of half, padding behind.
constexpr VocabularyPart kPart{1000, 613};
constexpr std::int64_t kColumns = 624;
constexpr std::int64_t kHidden = 72;

Operand ids_of(Device& on) {
  Operand ids(on, Type::int32, {kBatch, kRows, 1});
  Values values;
  for (std::int64_t i = 0; i < kBatch * kRows; ++i) values.push_back(static_cast<double>(i * 37 % 2000));
  ids.set(values);
  return ids;
}

/// All that the operations leave on a device.
std::vector<Values> run(Device& on, Type type) {
  const Operand ids = ids_of(on);
  Operand table(on, type, {1, kColumns, kHidden}), d_table(on, type, {1, kColumns, kHidden});
  Operand x(on, type, {kBatch, kRows, kHidden}), logits(on, type, {kBatch, kRows, kColumns});
  table.random(1);
  d_table.random(2);
  logits.random(3, 6);
  const Shape each{kBatch, kRows, 1};
  const Operand max(on, Type::fp32, each), sum(on, Type::fp32, each), at_target(on, Type::fp32, each);
  const Operand loss(on, Type::fp32, {1, 1, 1});
  kernels::Backend& b = on.backend();
  b.embed_part(x, table, ids, kPart);
  b.embed_part_backward(d_table, x, ids, kPart, Write::add);
  b.vocabulary_max(max, logits, kPart);
  b.vocabulary_sums(sum, at_target, logits, ids, max, kPart);
  b.vocabulary_cross_entropy(loss, Write::set, logits, ids, max, sum, at_target, kPart, kBatch * kRows, true);
  return {x.values(), d_table.values(), max.values(), sum.values(), at_target.values(), loss.values(), logits.values()};
}

}  // namespace

TEST_CASE("Parts of a vocabulary come out as on the host") {
  for (const Type type : kFloating) {
    HostDevice host(1);
    const std::vector<Values> expected = run(host, type), actual = run(device(), type);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(static_cast<int>(type), i);
      CHECK(error_of(actual[i], expected[i]) <= tolerance(type));
    }
  }
}

}  // namespace headroom::test

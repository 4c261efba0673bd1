// Parts of a vocabulary, as several ranks hold them; what the ranks tell each other is formed here.

#include <catch.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

#include "compare.h"
#include "reference_loss.h"

namespace headroom::test {

namespace {

using kernels::VocabularyPart;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kRanks[] = {1, 2, 3, 4};
/// None of them can be divided; of 5 the last of four ranks has no entry.
constexpr std::int64_t kVocabularies[] = {5, 13, 2047};

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Each rank has ceil(vocab / ranks) rows or columns, the last ones padding.
struct Parts {
  std::int64_t vocab;
  std::int64_t ranks;

  [[nodiscard]] std::int64_t width() const { return (vocab + ranks - 1) / ranks; }
  [[nodiscard]] VocabularyPart of(std::int64_t rank) const {
    const std::int64_t first = rank * width();
    return {first, std::clamp<std::int64_t>(vocab - first, 0, width())};
  }
  [[nodiscard]] std::vector<VocabularyPart> all() const {
    std::vector<VocabularyPart> parts;
    for (std::int64_t rank = 0; rank < ranks; ++rank) parts.push_back(of(rank));
    return parts;
  }
};

/// The part's columns of rows of `vocab` values, `padding` behind them.
Values columns_of(const Values& whole, std::int64_t vocab, const VocabularyPart& part, std::int64_t width,
                  double padding) {
  Values columns;
  for (std::size_t row = 0; row < whole.size() / index(vocab); ++row) {
    for (std::int64_t i = 0; i < width; ++i) {
      columns.push_back(i < part.count ? whole[row * index(vocab) + index(part.first + i)] : padding);
    }
  }
  return columns;
}

/// The part's rows of a table of `width` columns, `padding` behind them.
Values rows_of_table(const Values& table, std::int64_t width, const VocabularyPart& part, std::int64_t rows,
                     double padding) {
  Values part_rows(index(rows * width), padding);
  for (std::int64_t i = 0; i < part.count * width; ++i) part_rows[index(i)] = table[index(part.first * width + i)];
  return part_rows;
}

/// Ids from both ends of the vocabulary and from between, some more than once.
Operand make_ids(std::int64_t batch, std::int64_t rows, std::int64_t vocab) {
  Operand ids(device(), Type::int32, {batch, rows, 1}, Place::chunk);
  Values values;
  for (std::int64_t i = 0; i < batch * rows; ++i)
    values.push_back(static_cast<double>((i % 9 * (vocab / 3 + 1) + vocab - 1) % vocab));
  ids.set(values);
  return ids;
}

Values largest(const Values& a, const Values& b) {
  Values max(a.size());
  std::transform(a.begin(), a.end(), b.begin(), max.begin(), [](double x, double y) { return std::max(x, y); });
  return max;
}

/// What one rank has of the logits and of their rows' statistics.
struct Rank {
  VocabularyPart part;
  Operand logits;
  Operand row_max;
  Operand row_sum;
  Operand target_logit;
  Operand loss;

  Rank(const VocabularyPart& of, Type type, Shape shape, Place place)
      : part(of),
        logits(device(), type, shape, place),
        row_max(device(), Type::fp32, {shape.batch, shape.rows, 1}, place),
        row_sum(device(), Type::fp32, {shape.batch, shape.rows, 1}, place),
        target_logit(device(), Type::fp32, {shape.batch, shape.rows, 1}, place),
        loss(device(), Type::fp32, {1, 1, 1}) {}
};

/// A tensor group that has logits and targets in parts.
class Group {
 public:
  Group(const Operand& logits, const Operand& targets, std::int64_t ranks, Place place = Place::chunk)
      : targets_(targets), parts_{logits.shape().width, ranks} {
    const Shape shape{logits.shape().batch, logits.shape().rows, parts_.width()};
    for (const VocabularyPart& part : parts_.all()) {
      ranks_.emplace_back(part, logits.view().type, shape, place);
      ranks_.back().logits.set(columns_of(logits.values(), parts_.vocab, part, shape.width, kNaN));
    }
  }

  [[nodiscard]] std::deque<Rank>& ranks() { return ranks_; }

  void form_statistics() {
    for (const Rank& r : ranks_) backend().vocabulary_max(r.row_max, r.logits, r.part);
    combine(&Rank::row_max, largest);
    for (const Rank& r : ranks_) {
      backend().vocabulary_sums(r.row_sum, r.target_logit, r.logits, targets_, r.row_max, r.part);
    }
    combine(&Rank::row_sum, plus);
    combine(&Rank::target_logit, plus);
  }

  void cross_entropy(Write write, std::int64_t all_tokens, bool gradient, bool with_loss = true) {
    for (const Rank& r : ranks_) {
      backend().vocabulary_cross_entropy(with_loss ? r.loss.view() : View{}, write, r.logits, targets_, r.row_max,
                                         r.row_sum, r.target_logit, r.part, all_tokens, gradient);
    }
  }

  /// The parts of rows of whole logits, with zeros for padding, are what the ranks hold.
  void check_logits(const Values& whole, double most) const {
    for (const Rank& r : ranks_) {
      const Values mine = columns_of(whole, parts_.vocab, r.part, parts_.width(), 0);
      CHECK(largest_difference(r.logits.values(), mine) <= most * largest_of(whole));
      CHECK(r.logits.surroundings_untouched());
    }
  }

 private:
  static double largest_of(const Values& values) { return largest_difference(values, Values(values.size(), 0)); }
  /// Of all elements; infinite where one is no number.
  static double largest_difference(const Values& a, const Values& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = std::abs(a[i] - b[i]);
      most = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(most, difference);
    }
    return most;
  }

  /// What an all-reduce leaves on every rank.
  void combine(Operand Rank::*statistic, Values (*of)(const Values&, const Values&)) {
    Values all = (ranks_.front().*statistic).values();
    for (std::size_t i = 1; i < ranks_.size(); ++i) all = of(all, (ranks_[i].*statistic).values());
    for (Rank& r : ranks_) {
      CHECK((r.*statistic).surroundings_untouched());
      (r.*statistic).set(all);
    }
  }

  const Operand& targets_;
  Parts parts_;
  std::deque<Rank> ranks_;
};

/// body(type, parts) over all of them.
template <class Body>
void for_each_case(const Body& body) {
  for (const Type type : kFloating) {
    for (const std::int64_t vocab : kVocabularies) {
      for (const std::int64_t ranks : kRanks) {
        CAPTURE(static_cast<int>(type), vocab, ranks);
        body(type, Parts{vocab, ranks});
      }
    }
  }
}

}  // namespace

TEST_CASE("The parts of an embedding, zero where an id is another rank's, add up to the rows that the ids name") {
  for_each_case([](Type type, const Parts& parts) {
    constexpr std::int64_t kWidth = 67;
    const Operand table = random_operand(type, {1, parts.vocab, kWidth}, 1);
    const Operand ids = make_ids(2, 7, parts.vocab);
    Values sum(2 * 7 * kWidth, 0);
    for (const VocabularyPart& part : parts.all()) {
      Operand mine(device(), type, {1, parts.width(), kWidth});
      mine.set(rows_of_table(table.values(), kWidth, part, parts.width(), kNaN));
      const Operand out(device(), type, {2, 7, kWidth}, Place::chunk);
      backend().embed_part(out, mine, ids, part);
      sum = plus(sum, out.values());
      CHECK(out.surroundings_untouched());
    }
    const Operand whole(device(), type, {2, 7, kWidth});
    backend().embed(whole, table, ids);
    CHECK(sum == whole.values());
  });
}

TEST_CASE("The gradient of an embedding's part is the part's rows of the whole gradient, set or added") {
  for (const Write write : kWrites) {
    for_each_case([&](Type type, const Parts& parts) {
      constexpr std::int64_t kWidth = 67;
      CAPTURE(static_cast<int>(write));
      const Operand dx = random_operand(type, {2, 7, kWidth}, 1, Place::chunk);
      const Operand ids = make_ids(2, 7, parts.vocab);
      const Operand table = random_operand(type, {1, parts.vocab, kWidth}, 2);
      const Values before = table.values();
      backend().embed_backward(table, dx, ids, write);
      for (const VocabularyPart& part : parts.all()) {
        Operand mine(device(), type, {1, parts.width(), kWidth});
        mine.set(rows_of_table(before, kWidth, part, parts.width(), 5));
        backend().embed_part_backward(mine, dx, ids, part, write);
        CHECK(mine.values() == rows_of_table(table.values(), kWidth, part, parts.width(), write == Write::set ? 0 : 5));
      }
    });
  }
}

TEST_CASE("The maxima of a vocabulary's parts are those of their existing logits, the lowest float of none") {
  for_each_case([](Type type, const Parts& parts) {
    const Operand logits = random_operand(type, {2, 5, parts.vocab}, 1, Place::whole, 4);
    const Operand targets = make_ids(2, 5, parts.vocab);
    Group group(logits, targets, parts.ranks);
    for (const Rank& r : group.ranks()) {
      backend().vocabulary_max(r.row_max, r.logits, r.part);
      const Values mine = columns_of(logits.values(), parts.vocab, r.part, r.part.count, 0);
      Values expected(10, static_cast<double>(std::numeric_limits<float>::lowest()));
      for (std::size_t i = 0; i < mine.size(); ++i) {
        double& max = expected[i / index(r.part.count)];
        max = std::max(max, mine[i]);
      }
      CHECK(r.row_max.values() == expected);
      CHECK(r.row_max.surroundings_untouched());
    }
  });
}

TEST_CASE("A part adds its exponentials to the row sums, and the target's logit where it has the target") {
  Operand targets(device(), Type::int32, {1, 3, 1});
  targets.set({0, 2, 4});
  Operand logits(device(), Type::fp32, {1, 3, 3}), row_max(device(), Type::fp32, {1, 3, 1});
  logits.set({1, 2, kNaN, 3, 5, kNaN, -1, 0, kNaN});
  row_max.set({2, 6, 0});
  const Operand row_sum(device(), Type::fp32, {1, 3, 1}), target_logit(device(), Type::fp32, {1, 3, 1});
  backend().vocabulary_sums(row_sum, target_logit, logits, targets, row_max, {2, 2});
  CHECK(error_of(row_sum, {std::exp(-1.0) + 1, std::exp(-3.0) + std::exp(-1.0), std::exp(-1.0) + 1}) <= 1e-6);
  CHECK(target_logit.values() == Values{0, -3, 0});
}

TEST_CASE("A part without an entry adds nothing to the row sums and to the target's logits") {
  const Operand targets = make_ids(1, 3, 5);
  const Operand logits(device(), Type::bf16, {1, 3, 2}), row_max = random_operand(Type::fp32, {1, 3, 1}, 1);
  const Operand row_sum(device(), Type::fp32, {1, 3, 1}), target_logit(device(), Type::fp32, {1, 3, 1});
  backend().vocabulary_sums(row_sum, target_logit, logits, targets, row_max, {6, 0});
  CHECK(row_sum.values() == Values{0, 0, 0});
  CHECK(target_logit.values() == Values{0, 0, 0});
}

TEST_CASE("Cross-entropy over the parts of a vocabulary has the loss and the gradient of the whole on every rank") {
  for_each_case([](Type type, const Parts& parts) {
    const Operand logits = random_operand(type, {2, 7, parts.vocab}, 1, Place::whole, 4);
    const Operand targets = make_ids(2, 7, parts.vocab);
    const Values before = logits.values();
    Group group(logits, targets, parts.ranks);
    group.form_statistics();
    group.cross_entropy(Write::set, 30, true);
    const Operand loss(device(), Type::fp32, {1, 1, 1});
    backend().cross_entropy(loss, Write::set, logits, targets, 30, true);
    CHECK(error_of(loss, reference_loss(before, targets.values(), 30)) <= 1e-5);
    for (const Rank& r : group.ranks()) CHECK(error_of(r.loss, loss.values()) <= 1e-5);
    group.check_logits(logits.values(), tolerance(type));
    group.check_logits(reference_loss_gradient(before, targets.values(), 30), tolerance(type));
  });
}

TEST_CASE("The gradient of cross-entropy over parts is that of central differences of the loss") {
  const Operand logits = random_operand(Type::fp32, {2, 3, 13}, 1, Place::whole, 4);
  const Operand targets = make_ids(2, 3, 13);
  const Values of_targets = targets.values();
  const Values expected =
      differences(logits.values(), {1}, [&](const Values& at) { return reference_loss(at, of_targets, 20); });
  for (const bool with_loss : {true, false}) {
    Group group(logits, targets, 3);
    group.form_statistics();
    group.cross_entropy(Write::set, 20, true, with_loss);
    group.check_logits(expected, 1e-5);
  }
}

TEST_CASE("Without a gradient cross-entropy over parts leaves the logits, and the loss is set or added") {
  for (const Place place : kPlaces) {
    const Operand logits = random_operand(Type::bf16, {3, 5, 11}, 1, Place::whole, 4);
    const Operand targets = make_ids(3, 5, 11);
    Group group(logits, targets, 2, place);
    group.form_statistics();
    const Values expected = reference_loss(logits.values(), targets.values(), 15);
    group.cross_entropy(Write::set, 15, false);
    for (const Rank& r : group.ranks()) CHECK(error_of(r.loss, expected) <= 1e-5);
    group.cross_entropy(Write::add, 15, false);
    for (const Rank& r : group.ranks()) {
      CHECK(error_of(r.loss, plus(expected, expected)) <= 1e-5);
      const std::int64_t width = r.logits.shape().width, existing = r.part.count;
      CHECK(columns_of(r.logits.values(), width, {0, existing}, existing, 0) ==
            columns_of(logits.values(), 11, r.part, existing, 0));
    }
  }
}

TEST_CASE("Cross-entropy over parts and over chunks of tokens adds up to that of all tokens") {
  const Operand logits = random_operand(Type::fp32, {2, 10, 31}, 1, Place::whole, 4);
  const Operand targets = make_ids(2, 10, 31);
  Group group(logits, targets, 2, Place::whole);
  group.form_statistics();
  for (const std::int64_t first : {0, 4, 8}) {
    const std::int64_t rows = std::min<std::int64_t>(4, 10 - first);
    for (const Rank& r : group.ranks()) {
      backend().vocabulary_cross_entropy(r.loss, first == 0 ? Write::set : Write::add, rows_of(r.logits, first, rows),
                                         rows_of(targets, first, rows), rows_of(r.row_max, first, rows),
                                         rows_of(r.row_sum, first, rows), rows_of(r.target_logit, first, rows), r.part,
                                         20, true);
    }
  }
  const Values before = logits.values();
  for (const Rank& r : group.ranks()) CHECK(error_of(r.loss, reference_loss(before, targets.values(), 20)) <= 1e-5);
  group.check_logits(reference_loss_gradient(before, targets.values(), 20), 1e-5);
}

TEST_CASE("Cross-entropy over parts of huge logits neither overflows nor vanishes") {
  Operand logits(device(), Type::fp32, {1, 1, 3}), targets(device(), Type::int32, {1, 1, 1});
  logits.set({1e4, -1e4, 1e4});
  targets.set({0});
  Group group(logits, targets, 2);
  group.form_statistics();
  group.cross_entropy(Write::set, 1, true);
  for (const Rank& r : group.ranks()) CHECK(error_of(r.loss, {std::log(2.0)}) <= 1e-5);
  group.check_logits({-0.5, 0, 0.5}, 1e-5);
}

TEST_CASE("A negative id or target is refused by name by a part, at the latest when the backend is waited for") {
  Operand ids(device(), Type::int32, {1, 2, 1});
  const Operand table = random_operand(Type::fp32, {1, 3, 4}, 1), x = random_operand(Type::fp32, {1, 2, 4}, 1);
  const Operand logits = random_operand(Type::fp32, {1, 2, 3}, 1);
  Operand a(device(), Type::fp32, {1, 2, 1}), b(device(), Type::fp32, {1, 2, 1}), c(device(), Type::fp32, {1, 2, 1});
  for (Operand* statistic : {&a, &b, &c}) statistic->fill(1);
  const VocabularyPart part{3, 3};
  const auto refused = [&](const auto& run, const char* name) {
    ids.set({0, -1});
    CHECK_THROWS_WITH((run(), backend().synchronize()), contains(name) && contains("outside the vocabulary"));
    ids.set({0, 2e9});
    CHECK_NOTHROW((run(), backend().synchronize()));
  };
  refused([&] { backend().embed_part(x, table, ids, part); }, "embed_part");
  refused([&] { backend().embed_part_backward(table, x, ids, part, Write::set); }, "embed_part_backward");
  refused([&] { backend().vocabulary_sums(a, b, logits, ids, c, part); }, "vocabulary_sums");
  refused([&] { backend().vocabulary_cross_entropy({}, Write::set, logits, ids, a, b, c, part, 2, true); },
          "vocabulary_cross_entropy");
}

TEST_CASE("Operands that do not fit a part of the vocabulary are refused in a sentence") {
  const Operand ids = make_ids(1, 2, 3), x(device(), Type::fp32, {1, 2, 4}), table(device(), Type::fp32, {1, 3, 4});
  const Operand logits(device(), Type::fp32, {1, 2, 3}), one(device(), Type::fp32, {1, 2, 1});
  const Operand wrong(device(), Type::bf16, {1, 2, 1}), longer(device(), Type::fp32, {1, 3, 1});
  const VocabularyPart part{0, 3};
  CHECK_THROWS_WITH(backend().embed_part(x, table, ids, {0, 4}),
                    contains("embed_part") && contains("more entries than the table has rows"));
  CHECK_THROWS_WITH(backend().embed_part_backward(table, x, ids, {-1, 3}, Write::set),
                    contains("embed_part_backward") && contains("begins or counts below zero"));
  CHECK_THROWS_WITH(backend().embed_part(x, table, one, part), contains("ids are not int32"));
  CHECK_THROWS_WITH(backend().embed_part(logits, table, ids, part), contains("differ in width"));
  CHECK_THROWS_WITH(backend().vocabulary_max(one, logits, {0, 4}),
                    contains("vocabulary_max") && contains("more entries than the logits have columns"));
  CHECK_THROWS_WITH(backend().vocabulary_max(wrong, logits, part), contains("not fp32"));
  CHECK_THROWS_WITH(backend().vocabulary_max(longer, logits, part), contains("differ in number"));
  CHECK_THROWS_WITH(backend().vocabulary_max(one, ids, {0, 1}), contains("fp32 or bf16"));
  CHECK_THROWS_WITH(backend().vocabulary_sums(one, one, logits, one, one, part),
                    contains("vocabulary_sums") && contains("targets are not int32"));
  CHECK_THROWS_WITH(backend().vocabulary_sums(one, longer, logits, ids, one, part), contains("differ in number"));
  CHECK_THROWS_WITH(backend().vocabulary_sums(one, one, logits, ids, wrong, part), contains("not fp32"));
  CHECK_THROWS_WITH(backend().vocabulary_cross_entropy(wrong, Write::set, logits, ids, one, one, one, part, 2, true),
                    contains("vocabulary_cross_entropy") && contains("the loss is not fp32"));
  CHECK_THROWS_WITH(backend().vocabulary_cross_entropy({}, Write::set, logits, ids, one, longer, one, part, 2, true),
                    contains("differ in number"));
}

}  // namespace headroom::test

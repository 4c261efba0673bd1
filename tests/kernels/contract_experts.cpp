#include <catch.h>

#include <cmath>

#include "compare.h"
#include "expert_case.h"

namespace headroom::test {

namespace {

constexpr std::int64_t kWidth = 37;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

Values as_values(const std::vector<std::int64_t>& whole) { return {whole.begin(), whole.end()}; }

/// Body(sizes, place) for all of them.
template <class Body>
void for_each_case(const Body& body) {
  for (const ExpertSizes& s : kExpertSizes) {
    for (const Place place : kPlaces) {
      CAPTURE(s.batch, s.rows, s.experts, s.per_token, s.capacity, static_cast<int>(place));
      body(s, place);
    }
  }
}

/// A choice that the backend has made, and the same from plain loops.
struct Made {
  Made(const ExpertSizes& sizes, Place place) : chosen(sizes, place) {
    const Operand logits = random_logits(sizes);
    backend().choose_experts(chosen.choice(), logits, {}, sizes.capacity);
    reference = reference_choice(sizes, logits.values(), {});
  }

  ChosenExperts chosen;
  ReferenceChoice reference;
};

/// out[row] = the sum of its places times `weights`.
Values summed(const ReferenceChoice& choice, const Values& placed, const Values& weights, std::size_t k) {
  Values out(choice.places.size() / k * size(kWidth), 0);
  for (std::size_t i = 0; i < choice.places.size(); ++i) {
    if (choice.places[i] < 0) continue;
    for (std::size_t c = 0; c < size(kWidth); ++c) {
      out[i / k * size(kWidth) + c] += weights[i] * placed[size(choice.places[i]) * size(kWidth) + c];
    }
  }
  return out;
}

/// The transpose of that.
Values placed_by(const ReferenceChoice& choice, const Values& rows, const Values& weights, std::size_t k,
                 std::int64_t places) {
  Values out(size(places * kWidth), 0);
  for (std::size_t i = 0; i < choice.places.size(); ++i) {
    if (choice.places[i] < 0) continue;
    for (std::size_t c = 0; c < size(kWidth); ++c) {
      out[size(choice.places[i]) * size(kWidth) + c] = weights[i] * rows[i / k * size(kWidth) + c];
    }
  }
  return out;
}

/// Softmax of groups of k.
Values softmax(const Values& logits, std::size_t k) {
  Values out;
  for (std::size_t begin = 0; begin < logits.size(); begin += k) {
    double sum = 0;
    for (std::size_t j = 0; j < k; ++j) sum += std::exp(logits[begin + j]);
    for (std::size_t j = 0; j < k; ++j) out.push_back(std::exp(logits[begin + j]) / sum);
  }
  return out;
}

}  // namespace

TEST_CASE("The experts with the best logits are chosen, weighed by their softmax, and have places row by row") {
  for_each_case([](const ExpertSizes& s, Place place) {
    const Operand logits = random_logits(s, place);
    const ChosenExperts chosen(s, place);
    backend().choose_experts(chosen.choice(), logits, {}, s.capacity);
    const ReferenceChoice expected = reference_choice(s, logits.values(), {});
    CHECK(chosen.experts.values() == as_values(expected.experts));
    CHECK(chosen.places.values() == as_values(expected.places));
    CHECK(chosen.first.values() == as_values(expected.first));
    CHECK(error_of(chosen.weights, expected.weights) <= 1e-6);
    for (const Operand* operand : {&chosen.experts, &chosen.places, &chosen.weights}) {
      CHECK(operand->surroundings_untouched());
    }
  });
}

TEST_CASE("A correction has a say in the choice and none in the weights") {
  for (const Type type : kFloating) {
    const ExpertSizes sizes{2, 40, 6, 2, 0};
    const Operand logits = random_logits(sizes);
    const Operand correction = random_operand(type, {1, 1, 6}, 2, Place::whole, 3);
    const ChosenExperts chosen(sizes);
    backend().choose_experts(chosen.choice(), logits, correction, 0);
    const ReferenceChoice expected = reference_choice(sizes, logits.values(), correction.values());
    CHECK(as_values(expected.experts) != as_values(reference_choice(sizes, logits.values(), {}).experts));
    CHECK(chosen.experts.values() == as_values(expected.experts));
    CHECK(error_of(chosen.weights, expected.weights) <= 1e-6);
  }
}

TEST_CASE("Of equal logits the first experts are chosen, and an expert is never chosen twice") {
  for (const double value : {0.0, -std::numeric_limits<double>::infinity(), std::nan("")}) {
    const ExpertSizes sizes{1, 3, 5, 3, 0};
    Operand logits(device(), Type::fp32, {1, 3, 5});
    logits.fill(value);
    const ChosenExperts chosen(sizes);
    backend().choose_experts(chosen.choice(), logits, {}, 0);
    CHECK(chosen.experts.values() == Values{0, 1, 2, 0, 1, 2, 0, 1, 2});
    CHECK(chosen.places.values() == Values{0, 3, 6, 1, 4, 7, 2, 5, 8});
  }
}

TEST_CASE("A full expert drops the rows that come later") {
  const ExpertSizes sizes{1, 4, 2, 1, 3};
  Operand logits(device(), Type::fp32, {1, 4, 2});
  logits.set({1, 0, 1, 0, 1, 0, 1, 0});
  const ChosenExperts chosen(sizes);
  backend().choose_experts(chosen.choice(), logits, {}, 3);
  CHECK(chosen.places.values() == Values{0, 1, 2, -1});
  CHECK(chosen.weights.values() == Values{1, 1, 1, 1});
  CHECK(chosen.first.values() == Values{0, 3, 6});
}

TEST_CASE("Rows are copied to their places, and places that no row has are zero") {
  for (const Type type : kFloating) {
    for_each_case([type](const ExpertSizes& s, Place place) {
      const Made made(s, place);
      const Operand x = random_operand(type, {s.batch, s.rows, kWidth}, 2, place);
      const Operand placed(device(), type, {1, s.places(), kWidth});
      backend().place_rows(placed, x, made.chosen.places);
      const Values ones(made.reference.places.size(), 1);
      CHECK(placed.values() == placed_by(made.reference, x.values(), ones, size(s.per_token), s.places()));
    });
  }
}

TEST_CASE("Places are summed to their rows, with weights and without") {
  for (const Type type : kFloating) {
    for_each_case([type](const ExpertSizes& s, Place place) {
      const Made made(s, place);
      const Operand placed = random_operand(type, {1, s.places(), kWidth}, 2);
      const Operand out(device(), type, {s.batch, s.rows, kWidth}, place);
      const std::size_t k = size(s.per_token);
      backend().sum_places(out, placed, made.chosen.places, made.chosen.weights);
      CHECK(error_of(out, summed(made.reference, placed.values(), made.reference.weights, k)) <= tolerance(type));
      backend().sum_places(out, placed, made.chosen.places, {});
      const Values ones(made.reference.places.size(), 1);
      CHECK(error_of(out, summed(made.reference, placed.values(), ones, k)) <= tolerance(type));
      CHECK(out.surroundings_untouched());
    });
  }
}

TEST_CASE("Backward makes expert outputs their gradient in place, zero where no row has the place") {
  for (const Type type : kFloating) {
    for_each_case([type](const ExpertSizes& s, Place place) {
      const Made made(s, place);
      const Operand d_out = random_operand(type, {s.batch, s.rows, kWidth}, 3, place);
      const Operand placed = random_operand(type, {1, s.places(), kWidth}, 2);
      backend().sum_places_backward(placed, made.chosen.choice(), d_out);
      const Values expected =
          placed_by(made.reference, d_out.values(), made.reference.weights, size(s.per_token), s.places());
      CHECK(error_of(placed, expected) <= tolerance(type));
    });
  }
}

TEST_CASE("Backward makes the weights the gradients of the chosen logits") {
  for_each_case([](const ExpertSizes& s, Place place) {
    const Made made(s, place);
    const Operand d_out = random_operand(Type::fp32, {s.batch, s.rows, kWidth}, 3, place);
    const Operand placed = random_operand(Type::fp32, {1, s.places(), kWidth}, 2);
    const Values outputs = placed.values();
    backend().sum_places_backward(placed, made.chosen.choice(), d_out);
    Values logits;
    for (const double weight : made.reference.weights) logits.push_back(std::log(weight));
    const std::size_t k = size(s.per_token);
    const Values expected = differences(logits, d_out.values(), [&](const Values& moved) {
      return summed(made.reference, outputs, softmax(moved, k), k);
    });
    if (k > 1) CHECK(error_of(made.chosen.weights, expected) <= 1e-4);
    if (k == 1) CHECK(made.chosen.weights.values() == Values(logits.size(), 0));
    CHECK(made.chosen.weights.surroundings_untouched());
  });
}

TEST_CASE("The logits' gradient is that of the chosen ones and zero elsewhere") {
  for_each_case([](const ExpertSizes& s, Place place) {
    const Made made(s, place);
    const Operand d_logits(device(), Type::fp32, {s.batch, s.rows, s.experts}, place);
    const Operand d_chosen = random_operand(Type::fp32, {s.batch, s.rows, s.per_token}, 5, place);
    backend().expert_logits_gradient(d_logits, d_chosen, made.chosen.experts);
    Values expected(size(s.batch * s.rows * s.experts), 0);
    const Values values = d_chosen.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      expected[i / size(s.per_token) * size(s.experts) + size(made.reference.experts[i])] = values[i];
    }
    CHECK(d_logits.values() == expected);
    CHECK(d_logits.surroundings_untouched());
  });
}

TEST_CASE("Choices that do not fit are refused by name") {
  const ChosenExperts chosen({1, 4, 5, 2, 0});
  const Operand logits = random_operand(Type::fp32, {1, 4, 6}, 1),
                short_logits = random_operand(Type::fp32, {1, 3, 5}, 1);
  const Operand placed = random_operand(Type::fp32, {1, 8, 4}, 1), x = random_operand(Type::fp32, {1, 4, 3}, 1);
  CHECK_THROWS_WITH(backend().choose_experts(chosen.choice(), logits, {}, 0), contains("choose_experts"));
  CHECK_THROWS_WITH(backend().choose_experts(chosen.choice(), short_logits, {}, 0), contains("choose_experts"));
  CHECK_THROWS_WITH(backend().place_rows(placed, x, chosen.places), contains("place_rows"));
  CHECK_THROWS_WITH(backend().sum_places(x, placed, chosen.places, {}), contains("sum_places"));
}

}  // namespace headroom::test

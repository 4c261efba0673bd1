// A mixture of experts against the dense feed-forward that it is where the router is held fixed, and against itself
// under every method.

#include <headroom/models/error.h>

#include "alike.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Parameter;
using headroom::test::Computed;
using headroom::test::Values;
using headroom::test::Variant;

namespace {

constexpr std::int64_t kHidden = 24, kWidth = 6, kShared = 10;
constexpr double kHalf = 0.5;

/// One layer of 3 experts, 2 a token, beside a shared one with a gate.
Job mixture(Job job) {
  job.model.layer_runs = {{1, {0}}};
  job.model.kinds[0].ffn_hidden = kWidth;
  job.model.kinds[0].experts = Experts{3, 2, kShared, true, true, {}};
  return job;
}

/// The same with one feed-forward as wide as all that a token passes.
Job dense(Job job) {
  job.model.layer_runs = {{1, {0}}};
  job.model.kinds[0].ffn_hidden = 2 * kWidth + kShared;
  return job;
}

/// A model whose values can be set before its step, and the gradients that this leaves.
class Model : public measure::Observer {
 public:
  explicit Model(const Job& job) : trainer_(*bench_.backend, bench_.memory, job, {}, this) {
    measure::for_each_parameter(trainer_.weights(),
                                [&](Parameter& p) { values[p.name()] = test::values_of(p.value.view()); });
  }

  void has_gradient(const Parameter& p) override { gradients[p.name()] = test::values_of(p.gradient.view()); }
  /// A step from `values`; its loss.
  double step() {
    measure::for_each_parameter(trainer_.weights(), [&](Parameter& p) {
      auto* to = static_cast<float*>(p.value.view().data);
      for (const double value : values.at(p.name())) *to++ = static_cast<float>(value);
    });
    return trainer_.step();
  }

  Values values;
  Values gradients;

 private:
  test::Bench bench_;
  measure::Trainer trainer_;
};

/// One feed-forward of the mixture and its place in the dense one, of which it is a part.
struct Piece {
  std::string prefix;
  std::int64_t expert;
  std::int64_t width;
  std::int64_t first;        ///< of the dense one's columns
  double share_of_bias = 1;  ///< of W_down it is always a half
};

const Piece kPieces[] = {
    {"", 0, kWidth, 0, kHalf}, {"", 2, kWidth, kWidth, kHalf}, {"shared ", 0, kShared, 2 * kWidth}};

/// visit(kind, index in the mixture's tensor, index in the dense one's, factor) for every element of a piece.
template <class Visit>
void for_each_element(const Piece& piece, const Visit& visit) {
  const std::int64_t whole = 2 * kWidth + kShared;
  for (std::int64_t j = 0; j < piece.width; ++j) {
    for (const char* bias : {"b_gate", "b_up"}) visit(bias, piece.expert * piece.width + j, piece.first + j, 1.0);
    for (std::int64_t i = 0; i < kHidden; ++i) {
      const std::int64_t up = (piece.expert * kHidden + i) * piece.width + j;
      for (const char* weight : {"W_gate", "W_up"}) visit(weight, up, i * whole + piece.first + j, 1.0);
      visit("W_down", (piece.expert * piece.width + j) * kHidden + i, (piece.first + j) * kHidden + i, kHalf);
    }
  }
  for (std::int64_t i = 0; i < kHidden; ++i) visit("b_down", piece.expert * kHidden + i, i, piece.share_of_bias);
}

std::string in_layer(const std::string& kind) { return "layers.0." + kind; }

/// Every token chooses experts 0 and 2 alike, and the gate of the shared one is a half.
void hold_router(Values& values) {
  for (const char* kind : {"W_r", "shared expert's gate"}) {
    for (double& value : values.at(in_layer(kind))) value = 0;
  }
  values.at(in_layer("router correction")) = {5, 0, 5};
}

bool is_of_feed_forward(const std::string& name) {
  for (const char* kind : {"W_gate", "W_up", "W_down", "b_gate", "b_up", "b_down"}) {
    if (name == in_layer(kind)) return true;
  }
  return false;
}

void take_values(Values& to, const Values& mixture) {
  for (auto& [name, values] : to) {
    if (!is_of_feed_forward(name)) {
      values = mixture.at(name);
    } else {
      for (double& value : values) value = 0;
    }
  }
  for (const Piece& piece : kPieces) {
    for_each_element(piece, [&](const std::string& kind, std::int64_t from, std::int64_t into, double factor) {
      const auto whole = to.find(in_layer(kind));
      if (whole == to.end()) return;
      whole->second.at(static_cast<std::size_t>(into)) +=
          factor * mixture.at(in_layer(piece.prefix + kind)).at(static_cast<std::size_t>(from));
    });
  }
}

/// What the dense model's gradients are of the mixture's parameters: zero for the expert that nobody chose.
Values expected_gradients(const Values& mixture, const Values& dense) {
  Values expected = mixture;
  for (auto& [name, values] : expected) {
    if (const auto same = dense.find(name); same != dense.end() && !is_of_feed_forward(name)) values = same->second;
    if (is_of_feed_forward(name)) values.assign(values.size(), 0);
  }
  for (const Piece& piece : kPieces) {
    for_each_element(piece, [&](const std::string& kind, std::int64_t of, std::int64_t from, double factor) {
      const auto whole = dense.find(in_layer(kind));
      if (whole == dense.end()) return;
      expected.at(in_layer(piece.prefix + kind)).at(static_cast<std::size_t>(of)) =
          factor * whole->second.at(static_cast<std::size_t>(from));
    });
  }
  return expected;
}

/// Every variant against vanilla attention, whole feed-forward, nothing recomputed.
void check_all(const Job& job, double tolerance) {
  const Computed vanilla = test::compute(job);
  for (const Variant& variant : test::variants(job.method)) {
    INFO(variant.name);
    test::check_alike(job, test::compute(test::with(job, variant)), vanilla, tolerance);
  }
}

}  // namespace

TEST_CASE("experts that every token chooses alike, and a shared one, are one dense feed-forward") {
  const Job job = GENERATE(test::gpt_job(), test::llama_job());
  Model model(mixture(job)), reference(dense(job));
  hold_router(model.values);
  take_values(reference.values, model.values);
  CHECK(model.step() == Approx(reference.step()).epsilon(1e-6));
  for (const auto& [name, expected] : expected_gradients(model.gradients, reference.gradients)) {
    INFO(name);
    if (test::is_always_zero(job, name)) continue;
    CHECK(test::relative_difference(model.gradients.at(name), expected) <= 1e-5);
  }
}

TEST_CASE("with experts every method computes the same output and gradients in fp32") {
  Job job = test::experts_job();
  job.dropout = GENERATE(false, true);
  check_all(job, 1e-5);
}

TEST_CASE("with experts, post-norms and layers of other kinds every method computes the same in fp32") {
  Job job = test::gemma_job();
  job.model.kinds[1].experts = Experts{4, 2, 7, false, false, {}};
  check_all(job, 1e-5);
}

TEST_CASE("in bf16 every method computes the same where every token passes all experts") {
  Job job = test::experts_job();
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {1}}};
  job.model.kinds[1].experts->per_token = 4;  // rounding changes no choice
  check_all(job, 2e-2);
}

TEST_CASE("with experts of any capacity a recompute changes no bit of any output or gradient") {
  Job job = test::experts_job();
  job.precision = GENERATE(Precision::fp32, Precision::bf16);
  job.dropout = true;
  job.model.kinds[1].experts->capacity_factor = GENERATE(Rational(1, 2), Rational(5, 4), Rational(9));
  Computed kept;
  for (const Variant& variant : test::variants(job.method)) {
    const Computed computed = test::compute(test::with(job, variant));
    if (variant.recompute.kind == RecomputeKind::none) kept = computed;
    INFO(variant.name);
    CHECK(computed.loss == kept.loss);
    CHECK(computed.values == kept.values);
  }
}

TEST_CASE("a capacity that no expert reaches changes nothing, and one that some reach does") {
  Job job = test::experts_job();
  const Computed free = test::compute(job);
  job.model.kinds[1].experts->capacity_factor = Rational(4);
  test::check_alike(job, test::compute(job), free, 1e-6);
  job.model.kinds[1].experts->capacity_factor = Rational(1, 2);
  CHECK(test::relative_difference(test::compute(job).values.at("output"), free.values.at("output")) > 1e-3);
}

TEST_CASE("factored Adafactor is refused with experts, in a sentence") {
  Job job = test::experts_job();
  job.optimizer = {OptimizerKind::adafactor, StateDType::fp32, Momentum::none, true};
  CHECK_THROWS_WITH(measure::require_runnable(job, {}, 1), test::contains("give factored false"));
  job.optimizer.factored = false;
  CHECK_NOTHROW(measure::require_runnable(job, {}, 1));
}

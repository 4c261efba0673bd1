#include <cmath>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Parameter;

namespace {

constexpr double kStep = 1.5e-3;

Job tiny(Job job) {
  job.model.hidden = 6;
  job.model.vocab = 7;
  job.model.kinds.resize(1);
  job.model.kinds[0].heads = 2;
  job.model.kinds[0].kv_heads = 1;
  job.model.kinds[0].head_dim = 4;
  job.model.kinds[0].ffn_hidden = 5;
  job.model.layer_runs = {{2, {0}}};
  job.optimizer.kind = OptimizerKind::sgd;
  job.seq = Tokens(5);
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk, &job.method.head_chunk}) {
    chunk->tokens = Tokens(2);
  }
  return job;
}

/// The gradients of one step.
class Gradients : public measure::Observer {
 public:
  void has_gradient(const Parameter& p) override { by_name[p.name()] = test::values_of(p.gradient.view()); }
  test::Values by_name;
};

/// A model that stands still: its steps only tell loss and gradients.
class Still {
 public:
  explicit Still(const Job& job) : trainer_(*bench_.backend, bench_.memory, job, standing(), &gradients_) {}

  double loss() { return trainer_.step(); }
  [[nodiscard]] const test::Values& gradients() const { return gradients_.by_name; }
  template <class Visit>
  void for_each(const Visit& visit) {
    measure::for_each_parameter(trainer_.weights(), visit);
  }

 private:
  static measure::Training standing() {
    measure::Training training;
    training.sgd.learning_rate = 0;
    return training;
  }

  test::Bench bench_;
  Gradients gradients_;
  measure::Trainer trainer_;
};

void move_along(Parameter& p, const std::vector<double>& direction, double by) {
  auto* values = static_cast<float*>(p.value.view().data);
  for (std::size_t i = 0; i < direction.size(); ++i) values[i] += static_cast<float>(by * direction[i]);
}

/// The slope of the loss along `direction` from central differences.
double slope(Still& model, Parameter& p, const std::vector<double>& direction) {
  move_along(p, direction, kStep);
  const double above = model.loss();
  move_along(p, direction, -2 * kStep);
  const double below = model.loss();
  move_along(p, direction, kStep);
  return (above - below) / (2 * kStep);
}

std::vector<double> unit(std::vector<double> direction) {
  const double length = test::length_of(direction);
  for (double& x : direction) x /= length;
  return direction;
}

/// Neither along the gradient nor across it.
std::vector<double> oblique(const std::vector<double>& gradient, std::uint64_t seed) {
  std::vector<double> direction = unit(gradient);
  const double spread = 1 / std::sqrt(static_cast<double>(direction.size()));
  for (std::size_t i = 0; i < direction.size(); ++i) {
    direction[i] += spread * (static_cast<double>(kernels::random_bits(seed, i)) / 2147483648.0 - 1);
  }
  return unit(direction);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void check_slopes(const Job& job) {
  Still model(job);
  (void)model.loss();
  const test::Values gradients = model.gradients();
  model.for_each([&](Parameter& p) {
    INFO(p.name());
    const std::vector<double>& gradient = gradients.at(p.name());
    if (test::length_of(gradient) < 1e-6) {  // a key bias without rotary positions
      CHECK((p.kind == "b_k" || p.kind == "router correction"));
      return;
    }
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const std::vector<double> direction = oblique(gradient, seed);
      const double error = std::abs(slope(model, p, direction) - dot(gradient, direction));
      CHECK(error <= 1e-2 * test::length_of(gradient) + 3e-4);
    }
  });
}

}  // namespace

TEST_CASE("gradients are the slopes of the loss: GPT style under every method") {
  const Job job = tiny(test::gpt_job());
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    if (variant.recompute.kind == RecomputeKind::full) check_slopes(test::with(job, variant));
  }
}

TEST_CASE("gradients are the slopes of the loss: all of the experts for every token, some places for too few of them") {
  Job job = tiny(GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job()));
  job.model.kinds[0].experts = Experts{3, 3, 4, GENERATE(false, true), true, {}};
  job.model.kinds[0].experts->capacity_factor =
      GENERATE(std::optional<Rational>(), std::optional<Rational>(Rational(1, 2)));
  check_slopes(job);
}

TEST_CASE("gradients are the slopes of the loss: two of four experts for each token, without a shared one") {
  Job job = tiny(GENERATE(test::gpt_job(), test::llama_job()));
  job.model.kinds[0].experts = Experts{4, 2, {}, false, false, {}};
  check_slopes(job);
}

TEST_CASE("gradients are the slopes of the loss: experts beside attention, with norms of queries and keys") {
  Job job = tiny(GENERATE(test::gpt_neox_job(), test::gpt_j_job()));
  job.model.kinds[0].qk_norm = true;
  job.model.kinds[0].experts = Experts{3, 3, 4, true, false, {}};
  job.method.feed_forward = GENERATE(FeedForward::whole, FeedForward::chunked);
  check_slopes(job);
}

TEST_CASE("gradients are the slopes of the loss: experts under every method") {
  Job job = tiny(test::llama_job());
  job.model.kinds[0].experts = Experts{3, 3, 4, true, false, {}};
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    if (variant.recompute.kind == RecomputeKind::full) check_slopes(test::with(job, variant));
  }
}

TEST_CASE("gradients are the slopes of the loss: GPT-NeoX and GPT-J style under every method") {
  const Job job = tiny(GENERATE(test::gpt_neox_job(), test::gpt_j_job()));
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    if (variant.recompute.kind == RecomputeKind::full) check_slopes(test::with(job, variant));
  }
}

TEST_CASE("gradients are the slopes of the loss: norms of queries and keys under every method") {
  Job job = tiny(GENERATE(test::qwen_job(), test::gpt_neox_job()));
  job.model.kinds[0].qk_norm = true;
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    if (variant.recompute.kind == RecomputeKind::full) check_slopes(test::with(job, variant));
  }
}

TEST_CASE("gradients are the slopes of the loss: latent attention under every method") {
  Job job = tiny(test::llama_job());
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].latent = GENERATE(LatentAttention{3, 5, 2, 3}, LatentAttention{{}, 3, 2, 4});
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    if (variant.recompute.kind == RecomputeKind::full) check_slopes(test::with(job, variant));
  }
}

TEST_CASE("gradients are the slopes of the loss: Llama style, post-norms and tied heads") {
  const Job job = tiny(GENERATE(test::llama_job(), test::gemma_job()));
  check_slopes(job);
}

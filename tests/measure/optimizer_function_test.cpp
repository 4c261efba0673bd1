// What optimizers compute within training steps.

#include <cmath>

#include <headroom/models/error.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::test::Computed;

namespace {

std::vector<Optimizer> optimizers() {
  return {{OptimizerKind::adamw, StateDType::fp32},
          {OptimizerKind::adamw, StateDType::int8},
          {OptimizerKind::adafactor, StateDType::fp32, Momentum::none, true},
          {OptimizerKind::adafactor, StateDType::fp32, Momentum::bf16, false},
          {OptimizerKind::sgd, StateDType::fp32, Momentum::none},
          {OptimizerKind::sgd, StateDType::fp32, Momentum::fp32}};
}

std::string told(const Optimizer& o) {
  return std::string(name_of(o.kind)) + ", states " + std::string(name_of(o.states)) + ", momentum " +
         std::string(name_of(o.momentum)) + (o.factored ? ", factored" : "");
}

/// Tables and feed-forwards of more than 4096 elements, not a multiple of 256.
Job wide(Job job) {
  job.model.vocab = 177;
  for (LayerKind& kind : job.model.kinds) kind.ffn_hidden = 176;
  return job;
}

Job in_backward(Job job) {
  job.optimizer.in_backward = true;
  return job;
}

void check_same_bits(const Computed& actual, const Computed& expected) {
  CHECK(actual.loss == expected.loss);
  CHECK(actual.values == expected.values);
  CHECK(actual.parameters == expected.parameters);
}

measure::Training small_steps() {
  measure::Training training;
  training.sgd.learning_rate = 0.02F;
  return training;
}

/// Losses of so many steps, and the parameters behind them.
std::pair<std::vector<double>, test::Values> path(const Job& job, std::size_t steps) {
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, small_steps());
  std::vector<double> losses(steps);
  for (double& loss : losses) loss = trainer.step();
  test::Values parameters;
  measure::for_each_parameter(trainer.weights(),
                              [&](measure::Parameter& p) { parameters[p.name()] = test::values_of(p.value.view()); });
  return {losses, parameters};
}

/// ||a - b|| / ||b - from|| over all tensors.
double astray(const test::Values& a, const test::Values& b, const test::Values& from) {
  double difference = 0, way = 0;
  for (const auto& [name, values] : b) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      difference += std::pow(a.at(name).at(i) - values[i], 2);
      way += std::pow(values[i] - from.at(name).at(i), 2);
    }
  }
  return std::sqrt(difference / way);
}

std::string refusal(const Job& job, std::int64_t ranks) {
  try {
    measure::require_runnable(job, {}, ranks);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("updates in backward change no bit of any loss, output, gradient or parameter, whatever the method") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::experts_job(), test::qwen_job(),
                     test::gpt_j_job());
  job.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  job.dropout = true;
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    const Job varied = test::with(job, variant);
    check_same_bits(test::compute(in_backward(varied)), test::compute(varied));
  }
}

TEST_CASE("updates in backward change no bit over several steps, whatever the optimizer") {
  for (const Optimizer& optimizer : optimizers()) {
    INFO(told(optimizer));
    Job job = wide(test::gemma_job());
    job.optimizer = optimizer;
    const auto one_by_one = path(in_backward(job), 4), at_the_end = path(job, 4);
    CHECK(one_by_one == at_the_end);
  }
}

TEST_CASE("what is offloaded changes no bit, whatever the optimizer, in backward too") {
  for (const Optimizer& optimizer : optimizers()) {
    INFO(told(optimizer));
    Job job = wide(test::llama_job());
    job.recompute = {RecomputeKind::every, 2};
    job.precision = Precision::bf16_mixed;
    job.optimizer = optimizer;
    const Computed here = test::compute(job);
    job.method.offload_optimizer = true;
    check_same_bits(test::compute(job), here);
    check_same_bits(test::compute(in_backward(job)), here);
    job.method.offload_parameters = true;
    job.method.prefetch = 1;
    check_same_bits(test::compute(job), here);
    check_same_bits(test::compute(in_backward(job)), here);
  }
}

TEST_CASE("the loss falls by a fifth in 60 steps, whatever the optimizer") {
  for (const Optimizer& optimizer : optimizers()) {
    INFO(told(optimizer));
    Job job = test::llama_job();
    job.model.layer_runs = {{2, {0}}};
    job.optimizer = optimizer;
    job.optimizer.in_backward = true;
    test::Bench bench;
    measure::Training training;
    training.adamw.learning_rate = 1e-2F;
    training.adafactor.relative_step = 5e-2F;
    measure::Trainer trainer(*bench.backend, bench.memory, job, training);
    const double first = trainer.step();
    double loss = first;
    for (int step = 1; step < 60; ++step) loss = trainer.step();
    CHECK(loss <= 0.8 * first);
  }
}

TEST_CASE("over five steps 8-bit AdamW strays from AdamW's way by three hundredths of it at most") {
  Job job = wide(GENERATE(test::gpt_job(), test::llama_job()));
  const auto start = path(job, 0), expected = path(job, 5);
  job.optimizer.states = StateDType::int8;
  const auto actual = path(job, 5);
  for (std::size_t step = 0; step < 5; ++step) CHECK(actual.first[step] == Approx(expected.first[step]).epsilon(1e-3));
  const double difference = astray(actual.second, expected.second, start.second);
  CHECK(difference > 0);
  CHECK(difference <= 0.03);
}

TEST_CASE("every update moves every parameter, whatever the optimizer") {
  const Job base = wide(GENERATE(test::gemma_job(), test::qwen_job()));
  for (const Optimizer& optimizer : optimizers()) {
    INFO(told(optimizer));
    Job job = base;
    job.optimizer = optimizer;
    const auto before = path(job, 0), behind = path(job, 1);
    for (const auto& [name, values] : before.second) {
      INFO(name);
      CHECK(behind.second.at(name) != values);
    }
  }
}

TEST_CASE("updates in backward are refused where gradients accumulate") {
  Job job = in_backward(test::llama_job());
  CHECK(refusal(job, 1).empty());
  job.accumulate = true;
  CHECK_THAT(refusal(job, 1), test::contains("complete only behind the last micro-batch: leave one of the two out"));
}

TEST_CASE("row and column averages are refused where ranks have parts of them") {
  Job job = test::llama_job();
  job.optimizer.kind = OptimizerKind::adafactor;
  job.method.sharding = StateSharding::zero1;
  CHECK(refusal(job, 1).empty());
  job.degrees.data = 2;
  CHECK_THAT(refusal(job, 2), test::contains("averages cannot be cut into shards for 2 ranks: give factored false"));
  job.method.sharding = StateSharding::none;
  CHECK(refusal(job, 2).empty());
  job.degrees = {.tensor = 2};
  CHECK_THAT(refusal(job, 2), test::contains("2 tensor ranks have parts of matrices"));
  job.optimizer.factored = false;
  CHECK(refusal(job, 2).empty());
  job.degrees = {.data = 2};
  job.method.sharding = StateSharding::zero3;
  CHECK(refusal(job, 2).empty());
}

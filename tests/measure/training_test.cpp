#include <functional>

#include <headroom/models/error.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;

namespace {

constexpr std::size_t kSteps = 50;

std::vector<double> losses(const Job& job) {
  test::Bench bench;
  measure::Training training;
  training.adamw.learning_rate = 1e-2F;
  measure::Trainer trainer(*bench.backend, bench.memory, job, training);
  std::vector<double> losses(kSteps);
  for (double& loss : losses) loss = trainer.step();
  return losses;
}

Job two_layers(Job job) {
  job.model.layer_runs = {{2, {0}}};
  return job;
}

void check_path(const std::vector<double>& path, const std::vector<double>& vanilla) {
  for (std::size_t step = 0; step < kSteps; ++step) {
    INFO("step " << step);
    CHECK(path[step] == Approx(vanilla[step]).epsilon(1e-4));
  }
}

}  // namespace

TEST_CASE("over 50 steps in fp32 every method walks down vanilla's path, by a fifth and more") {
  Job job = two_layers(GENERATE(test::gpt_job(), test::llama_job()));
  job.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::sgd);
  const std::vector<double> vanilla = losses(job);
  CHECK(vanilla.back() <= 0.8 * vanilla.front());
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    check_path(losses(test::with(job, variant)), vanilla);
  }
}

TEST_CASE("in bf16, with and without master copies, with moments of either type, the loss falls by a fifth") {
  Job job = two_layers(test::llama_job());
  job.precision = GENERATE(Precision::bf16_mixed, Precision::bf16);
  job.optimizer.states = GENERATE(StateDType::fp32, StateDType::bf16);
  const std::vector<double> path = losses(job);
  CHECK(path.back() <= 0.8 * path.front());
}

TEST_CASE("the same job gives the same losses, whatever the threads") {
  Job job = two_layers(test::llama_job());
  job.dropout = true;
  std::vector<double> first;
  for (const int threads : {1, 2, 3}) {
    test::Bench bench(threads);
    measure::Trainer trainer(*bench.backend, bench.memory, job);
    const std::vector<double> path = {trainer.step(), trainer.step()};
    if (first.empty()) first = path;
    CHECK(path == first);
  }
}

TEST_CASE("a layer that is described and not computed yet is refused by name") {
  const std::pair<std::function<void(Transformer&)>, const char*> rows[] = {
      {[](Transformer& m) { m.kinds[0].residual = Residual::post_norm; }, "a layer with residual 'post-norm'"},
      {[](Transformer& m) { m.final_norm = false; }, "a model without a final norm"},
      {[](Transformer& m) { m.embedding_width = 8; }, "a model whose embedding has a width of its own"},
  };
  for (const auto& [change, what] : rows) {
    Job job = test::llama_job();
    change(job.model);
    CHECK_THROWS_WITH(measure::require_runnable(job, {}, 1), test::contains(std::string(what) + " cannot be run yet"));
  }
}

TEST_CASE("latent attention is refused where it has no way: under FPDT, and with values wider than keys") {
  Job job = test::deepseek_job();
  CHECK_NOTHROW(measure::require_runnable(job, {}, 1));
  job.model.kinds[0].latent->value_head_dim = 7;
  CHECK_THROWS_WITH(measure::require_runnable(job, {}, 1),
                    test::contains("values 7 wide cannot be run with queries and keys 6 wide"));
  job = test::deepseek_job();
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::fpdt;
  CHECK_THROWS_WITH(measure::require_runnable(job, {}, 1), test::contains("sequence 'fpdt'"));
}

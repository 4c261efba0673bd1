// The layers over the CUDA kernels, which the emulator runs.

#include <headroom/kernels/cuda/emulated.h>

#include "alike.h"
#include "catch.h"
#include "inference.h"

using namespace headroom;

namespace {

void check_emulated(const Job& job, double tolerance) {
  const auto backend = kernels::make_emulated_cuda_backend();
  measure::HostResource resource;
  test::check_like_host(*backend, resource, job, tolerance);
}

}  // namespace

TEST_CASE("in fp32 the CUDA kernels compute the host's loss, output and gradients to 1e-5 under every method") {
  check_emulated(test::gpt_job(), 1e-5);
  check_emulated(test::llama_job(), 1e-5);
  check_emulated(test::gpt_neox_job(), 1e-5);
  check_emulated(test::gpt_j_job(), 1e-5);
  check_emulated(test::qwen_job(), 1e-5);
  check_emulated(test::deepseek_job(), 1e-5);
}

TEST_CASE("in bf16, with dropout, the CUDA kernels compute the host's loss, output and gradients to 2e-2") {
  Job job = test::gemma_job();
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  job.dropout = true;
  check_emulated(job, 2e-2);
}

TEST_CASE("with experts the CUDA kernels compute the host's loss, output and gradients under every method") {
  Job job = test::experts_job();
  job.model.layer_runs = {{1, {1}}};
  check_emulated(job, 1e-5);
  job.model.kinds[1].experts->capacity_factor = Rational(1);
  check_emulated(job, 1e-5);
  job.model.kinds[1].experts->per_token = 4;  // rounding changes no choice
  job.precision = Precision::bf16_mixed;
  job.dropout = true;
  check_emulated(job, 2e-2);
}

TEST_CASE("under FPDT the CUDA kernels compute the host's loss, output and gradients") {
  const auto backend = kernels::make_emulated_cuda_backend();
  measure::HostResource resource;
  Job job = GENERATE(test::gpt_job(), test::gemma_job());
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::fpdt;
  job.dropout = true;
  job.recompute = {RecomputeKind::every, 2};
  test::check_alike(job, test::compute_on(*backend, resource, job), test::compute(job), 1e-5);
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  test::check_alike(job, test::compute_on(*backend, resource, job), test::compute(job), 2e-2);
}

TEST_CASE("the CUDA kernels leave the host's parameters behind a step of every optimizer, in backward too") {
  const Optimizer rows[] = {{OptimizerKind::adamw, StateDType::int8},
                            {OptimizerKind::adafactor, StateDType::fp32, Momentum::fp32, true},
                            {OptimizerKind::adafactor, StateDType::fp32, Momentum::none, false},
                            {OptimizerKind::sgd, StateDType::fp32, Momentum::fp32}};
  for (const Optimizer& optimizer : rows) {
    Job job = test::gemma_job();
    job.model.vocab = 177;  // a table of 4248 elements
    job.model.layer_runs = {{1, {0}}};
    job.optimizer = optimizer;
    job.optimizer.in_backward = true;
    INFO(name_of(optimizer.kind));
    const auto backend = kernels::make_emulated_cuda_backend();
    measure::HostResource resource;
    measure::Training training;
    training.adamw.epsilon = 1e-3F;  // a gradient's last bit must not decide the sign of a step
    const test::Computed actual = test::compute_on(*backend, resource, job, training);
    const test::Computed expected = test::compute(job, training);
    for (const auto& [name, values] : expected.parameters) {
      INFO(name);
      CHECK(test::relative_difference(actual.parameters.at(name), values) <= 1e-5);
    }
  }
}

TEST_CASE("windows are the host's in the CUDA kernels under every method") {
  Job job = test::llama_job();
  job.model.layer_runs = {{1, {0}}};
  job.model.kinds[0].window = 4;
  job.dropout = true;
  check_emulated(job, 1e-5);
}

TEST_CASE("inference over the CUDA kernels gives the host's logits, whatever the type of the cache") {
  const auto backend = kernels::make_emulated_cuda_backend();
  measure::HostResource resource;
  const Job model = GENERATE(test::gemma_job(), test::deepseek_job());
  for (const test::Variant& variant : test::variants(model.method)) {
    if (variant.recompute.kind != RecomputeKind::none || variant.method.key_values == KeyValues::recomputed) continue;
    for (const CacheType cache : {CacheType::fp32, CacheType::bf16}) {
      INFO(variant.name << ", cache " << name_of(cache));
      Job job = test::with(model, variant);
      job.mode = Mode::inference;
      if (!job.model.kinds[0].latent) job.model.kinds[0].window = 4;
      job.inference = {cache, 1, {ChunkRule::tokens, Tokens(5)}};
      for (const Precision precision : {Precision::fp32, Precision::bf16}) {
        job.precision = precision;
        if (precision == Precision::bf16) job.model.layer_runs = {{1, {0}}};
        const double tolerance = precision == Precision::fp32 && cache == CacheType::fp32 ? 1e-5 : 2e-2;
        const test::Logits actual = test::logits_on(*backend, resource, job), expected = test::logits_of(job);
        REQUIRE(test::length_of(expected.decode) > 0);
        CHECK(test::relative_difference(actual.prefill, expected.prefill) <= tolerance);
        CHECK(test::relative_difference(actual.decode, expected.decode) <= tolerance);
      }
    }
  }
}

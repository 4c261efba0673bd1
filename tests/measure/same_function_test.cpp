#include "alike.h"
#include "catch.h"

using namespace headroom;
using headroom::test::Computed;
using headroom::test::Variant;

namespace {

constexpr double kTolerance = 1e-5;
constexpr double kTolerance16 = 2e-2;

/// Every variant against vanilla attention, whole feed-forward, dense fp32 head, nothing recomputed.
void check_all(Job job, double tolerance) {
  const Computed vanilla = test::compute(job);
  for (const Variant& variant : test::variants(job.method)) {
    INFO(variant.name);
    test::check_alike(job, test::compute(test::with(job, variant)), vanilla, tolerance);
  }
}

/// Of the model whose W_q and W_k are `factor` times as large.
std::vector<double> output_with(const Job& job, float factor) {
  struct Output : measure::Observer {
    void last_output(const measure::Tensor& x) override { values = test::values_of(x.view()); }
    std::vector<double> values;
  } output;
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, &output);
  measure::for_each_parameter(trainer.weights(), [&](measure::Parameter& p) {
    if (p.kind != "W_q" && p.kind != "W_k") return;
    auto* values = static_cast<float*>(p.value.view().data);
    for (std::int64_t i = 0; i < p.rows * p.width; ++i) values[i] *= factor;
  });
  (void)trainer.step();
  return output.values;
}

}  // namespace

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: GPT style") {
  Job job = test::gpt_job();
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: Llama style") {
  Job job = test::llama_job();
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: post-norms, tied, kinds of layers") {
  Job job = test::gemma_job();
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: GPT-NeoX style") {
  Job job = test::gpt_neox_job();
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: norms of queries and keys") {
  Job job = GENERATE(test::qwen_job(), test::gpt_neox_job());
  job.model.kinds[0].qk_norm = true;
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: latent attention") {
  Job job = test::deepseek_job();
  LatentAttention& latent = *job.model.kinds[0].latent;
  if (GENERATE(false, true)) latent.query_rank.reset();
  latent.value_head_dim = GENERATE(4, 6);
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in bf16 every method computes vanilla's output and gradients to 2e-2") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::gpt_neox_job(), test::qwen_job(),
                     test::deepseek_job());
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance16);
}

TEST_CASE("norms of queries and keys make the size of their weights immaterial, and nothing else") {
  const Job job = test::qwen_job();
  const std::vector<double> once = output_with(job, 1), twice = output_with(job, 2);
  CHECK(test::relative_difference(twice, once) <= 1e-4);  // but for the norm's epsilon
  Job plain = job;
  plain.model.kinds[0].qk_norm = false;
  CHECK(test::relative_difference(output_with(plain, 2), output_with(plain, 1)) > 1e-3);
}

TEST_CASE("a rotated part as wide as the head is the whole head, a narrower one is another function") {
  Job job = test::llama_job();
  const Computed whole = test::compute(job);
  job.model.kinds[0].rotary_dim = job.model.kinds[0].head_dim;
  CHECK(test::compute(job).values == whole.values);
  job.model.kinds[0].rotary_dim = 2;
  CHECK(test::relative_difference(test::compute(job).values.at("output"), whole.values.at("output")) > 1e-3);
}

TEST_CASE("chunks longer than the sequence, one head and one layer change nothing") {
  Job job = test::llama_job();
  job.model.kinds[0].heads = job.model.kinds[0].kv_heads = 1;
  job.model.layer_runs = {{1, {0}}};
  job.batch = 1;
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk, &job.method.head_chunk}) {
    chunk->tokens = Tokens(1000);
  }
  check_all(job, kTolerance);
}

TEST_CASE("gradients that accumulate over micro-batches are those of every method") {
  Job job = test::llama_job();
  job.accumulate = true;
  check_all(job, kTolerance);
}

TEST_CASE("a recompute changes no bit of any output or gradient, in any type") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::qwen_job(), test::deepseek_job());
  job.precision = GENERATE(Precision::fp32, Precision::bf16);
  job.dropout = true;
  const auto variants = test::variants(job.method);
  Computed kept;
  for (const Variant& variant : variants) {
    const Computed computed = test::compute(test::with(job, variant));
    if (variant.recompute.kind == RecomputeKind::none) kept = computed;
    INFO(variant.name);
    CHECK(computed.loss == kept.loss);
    CHECK(computed.values == kept.values);
  }
}

#include <algorithm>

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

/// The last layer's output of the model some of whose parameters are `factor` times as large.
template <class Which>
std::vector<double> output_with(const Job& job, float factor, const Which& which) {
  struct Output : measure::Observer {
    void last_output(const measure::Tensor& x) override { values = test::values_of(x.view()); }
    std::vector<double> values;
  } output;
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, &output);
  measure::for_each_parameter(trainer.weights(), [&](measure::Parameter& p) {
    if (!which(p)) return;
    auto* values = static_cast<float*>(p.value.view().data);
    for (std::int64_t i = 0; i < p.rows * p.width; ++i) values[i] *= factor;
  });
  (void)trainer.step();
  return output.values;
}

/// Loss and gradients of a first step whose norms in front of both branches are the same, and whose other parameters
/// are those of `like`, if given.
struct FirstStep : measure::Observer {
  explicit FirstStep(const Job& job, const FirstStep* like = nullptr) {
    test::Bench bench;
    measure::Trainer trainer(*bench.backend, bench.memory, job, {}, this);
    measure::for_each_parameter(trainer.weights(), [&](measure::Parameter& p) {
      std::string name = p.name();
      const auto at = name.find("feed-forward norm");
      if (at != std::string::npos) name.replace(at, 12, "attention");
      auto* values = static_cast<float*>(p.value.view().data);
      if (like != nullptr) std::copy_n(like->before.at(name).begin(), p.rows * p.width, values);
      before[name].assign(values, values + p.rows * p.width);
    });
    loss = trainer.step();
  }
  void has_gradient(const measure::Parameter& p) override { gradients[p.name()] = test::values_of(p.gradient.view()); }

  std::map<std::string, std::vector<float>> before;
  test::Values gradients;
  double loss = 0;
};

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

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: GPT-NeoX and GPT-J style") {
  Job job = GENERATE(test::gpt_neox_job(), test::gpt_j_job());
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: norms of queries and keys") {
  Job job = GENERATE(test::qwen_job(), test::gpt_neox_job());
  job.model.kinds[0].qk_norm = true;
  job.model.kinds[0].rotary_dim = {};  // where nothing is rotated a key's bias moves all scores of a query alike
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
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::gpt_neox_job(), test::gpt_j_job(),
                     test::qwen_job(), test::deepseek_job());
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance16);
}

TEST_CASE("norms of queries and keys make the size of their weights immaterial, and nothing else") {
  const Job job = test::qwen_job();
  const auto is_scaled = [](const measure::Parameter& p) { return p.kind == "W_q" || p.kind == "W_k"; };
  const std::vector<double> once = output_with(job, 1, is_scaled), twice = output_with(job, 2, is_scaled);
  CHECK(test::relative_difference(twice, once) <= 1e-4);  // but for the norm's epsilon
  Job plain = job;
  plain.model.kinds[0].qk_norm = false;
  CHECK(test::relative_difference(output_with(plain, 2, is_scaled), output_with(plain, 1, is_scaled)) > 1e-3);
}

TEST_CASE("a rotated part as wide as the head is the whole head, a narrower one is another function") {
  Job job = test::llama_job();
  const Computed whole = test::compute(job);
  job.model.kinds[0].rotary_dim = job.model.kinds[0].head_dim;
  CHECK(test::compute(job).values == whole.values);
  job.model.kinds[0].rotary_dim = 2;
  CHECK(test::relative_difference(test::compute(job).values.at("output"), whole.values.at("output")) > 1e-3);
}

TEST_CASE("parallel and sequential branches in one model: every method computes vanilla's output and gradients") {
  Job job = test::llama_job();
  for (const auto residual : {Residual::parallel, Residual::parallel_shared_norm}) {
    job.model.kinds.push_back(job.model.kinds[0]);
    job.model.kinds.back().residual = residual;
  }
  job.model.layer_runs = {{2, {1, 0, 2}}};
  check_all(job, kTolerance);
}

TEST_CASE("where one branch gives nothing, parallel branches are sequential ones") {
  Job job = test::gpt_neox_job();
  const std::string_view last = GENERATE(std::string_view("W_o"), std::string_view("W_down"));
  const auto output = [&](Residual residual, bool is_silent) {
    job.model.kinds[0].residual = residual;
    return output_with(job, is_silent ? 0 : 1, [&](const measure::Parameter& p) {
      return p.kind == last || p.kind == (last == "W_o" ? "b_o" : "b_down");
    });
  };
  CHECK(output(Residual::parallel, true) == output(Residual::pre_norm, true));
  CHECK(test::relative_difference(output(Residual::parallel, false), output(Residual::pre_norm, false)) > 1e-3);
}

TEST_CASE("one norm of both branches computes what two equal ones do, and its gradients are the sums of theirs") {
  Job job = test::gpt_j_job();
  job.model.layer_runs = {{1, {0}}};
  const FirstStep one(job);
  job.model.kinds[0].residual = Residual::parallel;
  const FirstStep two(job, &one);
  CHECK(one.loss == Approx(two.loss).epsilon(kTolerance));
  for (const auto& [name, values] : one.gradients) {
    INFO(name);
    std::vector<double> sum = two.gradients.at(name);
    for (const char* of : {"gain", "bias"}) {
      if (name != std::string("layers.0.attention norm ") + of) continue;
      const std::vector<double>& more = two.gradients.at(std::string("layers.0.feed-forward norm ") + of);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
    }
    CHECK(test::relative_difference(values, sum) <= kTolerance);
  }
}

TEST_CASE("in fp32 every method computes vanilla's output and gradients to 1e-5: windows, in some layers") {
  Job job = GENERATE(test::gpt_job(), test::gemma_job(), test::qwen_job(), test::deepseek_job());
  job.model.kinds[0].window = GENERATE(2, 3, 6);
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("a window as long as the sequence is none, a shorter one is another function") {
  Job job = test::llama_job();
  const Computed full = test::compute(job);
  job.model.kinds[0].window = job.seq.count();
  CHECK(test::compute(job).values == full.values);
  job.model.kinds[0].window = job.seq.count() - 1;
  CHECK(test::relative_difference(test::compute(job).values.at("output"), full.values.at("output")) > 1e-5);
}

TEST_CASE("in a window of one token queries and keys are immaterial, in one of two they are not") {
  Job job = test::llama_job();
  const auto is_scaled = [](const measure::Parameter& p) { return p.kind == "W_q" || p.kind == "W_k"; };
  const auto difference = [&](std::int64_t window) {
    job.model.kinds[0].window = window;
    return test::relative_difference(output_with(job, 2, is_scaled), output_with(job, 1, is_scaled));
  };
  CHECK(difference(1) == 0);
  CHECK(difference(2) > 1e-3);
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
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::qwen_job(), test::gpt_neox_job(),
                     test::gpt_j_job(), test::deepseek_job());
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

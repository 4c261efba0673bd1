// What inference computes: the logits of a prompt's last token are one function of the prompt, however it is read.

#include <headroom/measure/generator.h>
#include <headroom/models/error.h>

#include "bench.h"
#include "catch.h"
#include "inference.h"

using namespace headroom;
using headroom::test::Logits;

namespace {

constexpr double kTolerance = 1e-5;
constexpr double kTolerance16 = 2e-2;

Job reading(Job job, std::int64_t batch, std::int64_t chunk) {
  job.mode = Mode::inference;
  job.inference.prefill_batch = batch;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(chunk)};
  return job;
}

/// Prompts all together, each as a whole, by vanilla attention.
Job whole(Job job) {
  job = reading(std::move(job), job.batch, job.seq.count());
  job.method.attention = Attention::vanilla;
  job.method.feed_forward = FeedForward::whole;
  job.method.head = Head::dense_fp32;
  return job;
}

void check_alike(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  REQUIRE(test::length_of(expected) > 0);
  REQUIRE(actual.size() == expected.size());
  CHECK(test::relative_difference(actual, expected) <= tolerance);
}

/// Every method, prompts in one group or one by one, in chunks that do and do not fit window and sequence.
void check_all(const Job& job, double tolerance) {
  const Logits expected = test::logits_of(whole(job));
  for (const test::Variant& variant : test::variants(job.method)) {
    if (variant.recompute.kind != RecomputeKind::none || variant.method.key_values == KeyValues::recomputed) continue;
    for (const std::int64_t batch : {2, 1}) {
      for (const std::int64_t chunk : {13, 6, 5, 1}) {
        INFO(variant.name << ", groups of " << batch << ", chunks of " << chunk);
        const Logits logits = test::logits_of(reading(test::with(job, variant), batch, chunk));
        check_alike(logits.prefill, expected.prefill, tolerance);
        check_alike(logits.decode, expected.prefill, tolerance);
      }
    }
  }
}

}  // namespace

TEST_CASE("chunked prefill and decode give the logits of a whole prefill by vanilla attention: GPT and Llama style") {
  check_all(GENERATE(test::gpt_job(), test::llama_job()), kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: post-norms, a tied embedding, two kinds of layers") {
  check_all(test::gemma_job(), kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: parallel branches, partly rotated heads") {
  check_all(GENERATE(test::gpt_neox_job(), test::gpt_j_job()), kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: norms of queries and keys") {
  check_all(test::qwen_job(), kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: windows, whose cache is a ring") {
  Job job = GENERATE(test::gpt_job(), test::gemma_job(), test::qwen_job());
  job.model.kinds[0].window = GENERATE(1, 3, 6, 12, 13, 20);
  check_all(job, kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: latent attention, absorbed") {
  Job job = test::deepseek_job();
  LatentAttention& latent = *job.model.kinds[0].latent;
  if (GENERATE(false, true)) latent.query_rank.reset();
  latent.value_head_dim = GENERATE(4, 6);
  check_all(job, kTolerance);
}

TEST_CASE("chunked prefill and decode give those logits: experts that drop no token") {
  check_all(test::experts_job(), kTolerance);
}

TEST_CASE("in bf16 chunked prefill and decode give those logits to 2e-2") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::deepseek_job());
  job.precision = GENERATE(Precision::bf16, Precision::bf16_mixed);
  job.model.layer_runs = {{1, {0}}};
  if (!job.model.kinds[0].latent && GENERATE(false, true)) job.model.kinds[0].window = 4;
  check_all(job, kTolerance16);
}

TEST_CASE("a cache of another type changes the logits by its rounding alone") {
  Job job = GENERATE(test::llama_job(), test::deepseek_job());
  if (!job.model.kinds[0].latent && GENERATE(false, true)) job.model.kinds[0].window = 4;
  const Logits exact = test::logits_of(reading(job, 1, 5));
  job.inference.cache = CacheType::bf16;
  const Logits rounded = test::logits_of(reading(job, 1, 5));
  CHECK(test::relative_difference(rounded.decode, exact.decode) <= kTolerance16);
  CHECK(rounded.decode != exact.decode);
  job.precision = Precision::bf16;
  job.inference.cache = CacheType::fp32;
  CHECK(test::relative_difference(test::logits_of(reading(job, 1, 5)).decode, exact.decode) <= kTolerance16);
}

TEST_CASE("the logits are those of the training layers: the head's product with the last row of their output") {
  Job job = GENERATE(test::llama_job(), test::gpt_job(), test::gemma_job(), test::deepseek_job());
  if (!job.model.kinds[0].latent && GENERATE(false, true)) job.model.kinds[0].window = 4;
  check_alike(test::logits_of(reading(job, 2, 13)).prefill, test::logits_by_training(job), kTolerance);
}

TEST_CASE("a prompt's logits do not depend on the other prompts") {
  const Job job = reading(test::llama_job(), 1, 4);
  Job longer = job;
  longer.batch = 3;
  const std::vector<double> two = test::logits_of(job).decode, three = test::logits_of(longer).decode;
  REQUIRE(three.size() == two.size() / 2 * 3);
  CHECK(test::relative_difference({three.begin(), three.begin() + std::ssize(two)}, two) <= kTolerance);
}

TEST_CASE("groups need not divide the batch, and a group may be longer than it") {
  Job job = test::llama_job();
  job.batch = 5;
  const Logits expected = test::logits_of(whole(job));
  for (const std::int64_t batch : {2, 3, 4, 100}) {
    const Logits logits = test::logits_of(reading(job, batch, 4));
    check_alike(logits.prefill, expected.prefill, kTolerance);
    check_alike(logits.decode, expected.prefill, kTolerance);
  }
}

TEST_CASE("a second run of the same generator gives the same logits") {
  CHECK(test::logits_of(reading(test::llama_job(), 1, 5), 2) == test::logits_of(reading(test::llama_job(), 1, 5), 1));
}

TEST_CASE("a prompt of one token has a prefill and a decode") {
  Job job = GENERATE(test::llama_job(), test::gpt_job());
  job.seq = Tokens(1);
  const Logits logits = test::logits_of(reading(job, 1, 1));
  check_alike(logits.decode, logits.prefill, kTolerance);
}

TEST_CASE("inference that cannot be run is refused in a sentence") {
  const auto refusal = [](const Job& job) -> std::string {
    try {
      (void)test::logits_of(job);
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  };
  const auto changed = [](const auto& change) {
    Job job = reading(test::llama_job(), 1, 5);
    change(job);
    return job;
  };
  CHECK_THAT(refusal(changed([](Job& job) { job.mode = Mode::training; })), test::contains("give mode 'inference'"));
  CHECK_THAT(refusal(changed([](Job& job) { job.inference.prefill_batch = 0; })), test::contains("prefill_batch"));
  CHECK_THAT(refusal(changed([](Job& job) { job.inference.cache = CacheType::fp8; })), test::contains("fp8"));
  CHECK_THAT(refusal(changed([](Job& job) { job.degrees.sequence = 2; })), test::contains("share a sequence"));
  CHECK_THAT(refusal(changed([](Job& job) { job.method.sequence = SequenceDistribution::fpdt; })),
             test::contains("FPDT"));
  CHECK_THAT(refusal(changed([](Job& job) {
               job.method.sequence = SequenceDistribution::megatron_sp;
               job.degrees.tensor = 2;
             })),
             test::contains("megatron-sp"));
  CHECK_THAT(refusal(changed([](Job& job) { job.method.offload_parameters = true; })), test::contains("offload"));
  CHECK_THAT(refusal(changed([](Job& job) {
               job.method.sharding = StateSharding::zero3;
               job.degrees.data = 2;
             })),
             test::contains("sharding"));
  CHECK_THAT(refusal(changed([](Job& job) {
               job.method.attention = Attention::flash;
               job.method.feed_forward = FeedForward::blockwise;
               job.method.key_values = KeyValues::recomputed;
             })),
             test::contains("key_values 'kept'"));
  CHECK_THAT(refusal(changed([](Job& job) { job.degrees.pipeline = 2; })), test::contains("pipeline"));
  Job latent = reading(test::deepseek_job(), 1, 5);
  latent.model.kinds[0].window = 4;
  CHECK_THAT(refusal(latent), test::contains("latent attention"));
}

TEST_CASE("a trainer refuses a job of inference") {
  test::Bench bench;
  CHECK_THROWS_AS(measure::Trainer(*bench.backend, bench.memory, reading(test::llama_job(), 1, 5)), InputError);
}

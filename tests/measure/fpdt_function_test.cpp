// FPDT on one rank: attention chunk by chunk, the rest on the host.

#include <headroom/measure/measurement.h>
#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "alike.h"
#include "catch.h"

using namespace headroom;
using headroom::test::Computed;

namespace {

constexpr double kTolerance = 1e-5;
constexpr double kTolerance16 = 2e-2;

constexpr Recompute kRecomputes[] = {
    {RecomputeKind::none, 1}, {RecomputeKind::selective, 1}, {RecomputeKind::full, 1}, {RecomputeKind::every, 2}};
constexpr FeedForward kFeedForwards[] = {FeedForward::whole, FeedForward::chunked, FeedForward::blockwise};
constexpr Head kHeads[] = {Head::dense_fp32, Head::fused, Head::dense, Head::chunked};

Job flash(Job job) {
  job.method.attention = Attention::flash;
  return job;
}

Job fpdt(Job job, std::int64_t chunk) {
  job = flash(job);
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.query_chunk = {ChunkRule::tokens, Tokens(chunk)};
  return job;
}

/// 13 tokens in chunks of each of these lengths; recompute, feed-forward and head go round beside them.
void check_all(const Job& base, double tolerance) {
  const Computed expected = test::compute(flash(base));
  std::size_t turn = 0;
  for (const std::int64_t chunk : {1, 3, 5, 7, 12, 13, 1000}) {
    for (const Recompute& recompute : kRecomputes) {
      Job job = fpdt(base, chunk);
      job.recompute = recompute;
      job.method.feed_forward = kFeedForwards[turn % 3];
      job.method.head = kHeads[turn / 3 % 4];
      job.method.offload_checkpoints = turn % 2 == 0 && recompute.kind >= RecomputeKind::full;
      ++turn;
      INFO("chunks of " << chunk << ", " << format_recompute(recompute) << ", " << name_of(job.method.feed_forward));
      test::check_alike(job, test::compute(job), expected, tolerance);
    }
  }
}

/// Llama style.
Job rotated_in_part() {
  Job job = test::llama_job();
  job.model.kinds[0].rotary_dim = 4;
  return job;
}

std::string refusal(const Job& job) {
  try {
    measure::require_runnable(job, {}, 1);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("in fp32 FPDT computes flash attention's loss, output and gradients to 1e-5, whatever the chunks") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), rotated_in_part(), test::qwen_job());
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance);
}

TEST_CASE("in bf16 FPDT computes flash attention's loss, output and gradients to 2e-2, whatever the chunks") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::qwen_job());
  job.precision = GENERATE(Precision::bf16, Precision::bf16_mixed);
  job.model.layer_runs = {{1, {0}}};
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance16);
}

TEST_CASE("FPDT's gradients accumulate over micro-batches as flash attention's") {
  Job job = GENERATE(test::gpt_job(), test::gemma_job());
  job.accumulate = true;
  check_all(job, kTolerance);
}

TEST_CASE("under FPDT a recompute and its offload change no bit of any output or gradient, in any type") {
  Job job = fpdt(GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job()), GENERATE(5, 13));
  job.precision = GENERATE(Precision::fp32, Precision::bf16);
  job.dropout = true;
  const Computed kept = test::compute(job);
  for (const Recompute& recompute : kRecomputes) {
    job.recompute = recompute;
    job.method.offload_checkpoints = recompute.kind >= RecomputeKind::full;
    INFO(format_recompute(recompute));
    const Computed computed = test::compute(job);
    CHECK(computed.loss == kept.loss);
    CHECK(computed.values == kept.values);
  }
}

TEST_CASE("what FPDT cannot run is refused in a sentence") {
  const Job job = fpdt(test::llama_job(), 5);
  CHECK(refusal(job).empty());
  Job other = job;
  other.method.attention = GENERATE(Attention::vanilla, Attention::memory_efficient);
  CHECK_THAT(refusal(other), test::contains("FPDT needs attention 'flash'"));
  other = job;
  other.method.feed_forward = FeedForward::blockwise;
  CHECK(refusal(other).empty());
  other.method.key_values = KeyValues::recomputed;
  CHECK_THAT(refusal(other), test::contains("keys and values cannot be recomputed where FPDT has them on the host"));
  other = job;
  other.model.kinds[0].residual = GENERATE(Residual::parallel, Residual::parallel_shared_norm);
  CHECK_THAT(refusal(other), test::contains("have residual 'parallel"));
  test::Bench bench;
  CHECK_THROWS_AS(measure::Trainer(*bench.backend, bench.memory, job), InputError);
}

TEST_CASE("a record of FPDT has the host's peak, and nothing is left there behind a step") {
  test::Bench bench;
  const Job job = fpdt(test::llama_job(), 5);
  const Record record = measure::measure(*bench.backend, bench.resource, job);
  REQUIRE(record.host);
  // Three layers keep q and o of 13 tokens in 24 columns, k and v in 12, the logsumexp of 4 heads; in the last one o is
  // gone where its gradient and D are there. fp32, batch 2.
  CHECK(record.host->categories[Category::saved_activations] == Bytes(2 * 13 * 4 * (3 * (24 + 2 * 12 + 4) + 2 * 24)));
  CHECK(record.host->categories[Category::attention] == Bytes(2 * 13 * 4 * (24 + 4)));
  CHECK(record.host->instant == "layer backward");
  CHECK(record.host->layer == 2);
  CHECK(record.host->tensor == "copy of D");
}

// Host memory: against the sizes of what is offloaded, and ALST's rule (arXiv 2506.13996 section 3.3).

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/check.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random_jobs.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::Predictor;

Job llama_70b() {
  Job job;
  job.model = model_preset("llama-3-70b");
  job.device = device_preset("h100-80gb");
  job.method = method_preset("ulysses").method;
  job.method.feed_forward = FeedForward::chunked;
  job.method.head = Head::fused;
  job.method.offload_checkpoints = true;
  job.method.sharding = StateSharding::zero3;
  job.degrees.sequence = 32;
  job.nodes = 4;
  return job;
}

/// 64 wide, in bf16.
Job small_job(std::int64_t vocab, std::int64_t layers, const Recompute& recompute) {
  return bf16_job(gpt_style(4, 16, vocab, layers),
                  method_of(Attention::flash, FeedForward::whole, Head::fused, Tokens(4)), recompute);
}

/// With FPDT, a few chunks long.
Job in_chunks(Job job) {
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.attention = Attention::flash;
  job.method.key_values = KeyValues::kept;
  job.degrees = {};
  job.method.query_chunk = {ChunkRule::tokens, Tokens(std::max<std::int64_t>(job.seq.count() / 5, 1))};
  for (LayerKind& kind : job.model.kinds) {
    kind.latent.reset();
    kind.residual = Residual::pre_norm;
  }
  return job;
}

}  // namespace

TEST_CASE("a rank's checkpoints on the host are one input of its run of tokens a segment") {
  Job job = small_job(100, 12, {RecomputeKind::every, 5});
  job.method.offload_checkpoints = true;
  job.batch = 3;
  const Bytes input(3 * 40 * 64 * 2);
  CHECK(Predictor(job).host_peak(Tokens(40)) == 3 * input);
  job.recompute = {RecomputeKind::full, 1};
  CHECK(Predictor(job).host_peak(Tokens(40)) == 12 * input);
  job.method.sequence = SequenceDistribution::ring;
  job.degrees.sequence = 4;
  CHECK(Predictor(job).host_peak(Tokens(160)) == 12 * input);
}

TEST_CASE("Llama-3-70B at 3M tokens on 32 GPUs keeps 915 GiB of checkpoints a node, as ALST counts") {
  const Job job = llama_70b();
  const Bytes of_node = sim::host_of_node(job, Predictor(job).host_peak(Tokens(3'000'000)));
  CHECK(of_node.count() / (1_GiB).count() == 915);
}

TEST_CASE("offloaded checkpoints take from the device no more than they put on the host") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Job job = random_job(seed);
    job.recompute = {RecomputeKind::full, 1};
    job.method.offload_checkpoints = false;
    job.method.offload_optimizer = false;
    if (uses_host(job.method)) continue;  // FPDT has a peak of its own there
    const sim::Breakdown held = Predictor(job).breakdown(job.seq);
    job.method.offload_checkpoints = true;
    const sim::Breakdown offloaded = Predictor(job).breakdown(job.seq);
    INFO(described(seed, job));
    REQUIRE(offloaded.allocated <= held.allocated);
    REQUIRE(held.allocated - offloaded.allocated <= offloaded.host.allocated);
    REQUIRE(held.host == sim::HostMemory{});
  }
}

TEST_CASE("the host's peak and its categories are those of the plain layer by layer, chunk by chunk unrolling") {
  int with_host = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Job job = random_job(seed);
    if (seed % 3 == 0) job = in_chunks(job);
    if (!uses_host(job.method)) continue;
    ++with_host;
    const Predictor predictor(job);
    Bytes peak;
    BytesByCategory live, at_peak;
    predictor.host_timeline(job.seq, [&](const sim::TimelineEvent& event) {
      live[event.category] += event.born ? event.bytes : Bytes() - event.bytes;
      if (event.live <= peak) return;
      peak = event.live;
      at_peak = live;
    });
    const sim::HostMemory host = predictor.breakdown(job.seq).host;
    INFO(described(seed, job));
    REQUIRE(host.allocated == peak);
    REQUIRE(host.categories == at_peak);
  }
  CHECK(with_host > 1000);
}

TEST_CASE("an offloaded optimizer's states are on the host, with copies of one parameter and its gradient") {
  Job job = small_job(1000, 2, {RecomputeKind::full, 1});
  job.optimizer = {.kind = OptimizerKind::adamw};
  const Bytes held = Predictor(job).breakdown(Tokens(8)).categories[Category::optimizer_state];
  CHECK(held == Bytes(parameter_count(job.model) * 8));
  job.method.offload_optimizer = true;
  const sim::Breakdown offloaded = Predictor(job).breakdown(Tokens(8));
  CHECK(offloaded.categories[Category::optimizer_state] == 0_B);
  CHECK(offloaded.host.categories[Category::optimizer_state] == held);
  const Bytes largest(1000 * 64 * 2);  // embedding and head
  CHECK(offloaded.host.allocated == held + largest + largest);
}

TEST_CASE("host memory is a second limit: where it binds the next wall is the device's") {
  Job job = llama_70b();
  const sim::MaxContext unlimited = max_context(Predictor(job), {});
  CHECK_FALSE(unlimited.host);
  job.host_memory = Bytes(std::int64_t{600} * 1000 * 1000 * 1000);
  const Predictor predictor(job);
  const sim::MaxContext limited = max_context(predictor, {});
  REQUIRE(limited.host);
  CHECK(limited.host->binds);
  CHECK(limited.host->tokens == limited.tokens);
  CHECK(limited.host->needed <= *job.host_memory);
  CHECK(limited.shortfall > 0_B);
  CHECK(sim::host_of_node(job, predictor.host_peak(limited.next)) == *job.host_memory + limited.shortfall);
  CHECK(limited.next_wall.tokens == unlimited.tokens);
  CHECK(longest_context(predictor, {}) == limited.tokens);
  CHECK(fits(job, predictor.breakdown(limited.tokens)));
  CHECK_FALSE(fits(job, predictor.breakdown(limited.next)));
}

TEST_CASE("the host tensors that are told are those of its peak, every byte of them") {
  int with_host = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Job job = random_job(seed);
    if (seed % 3 == 0) job = in_chunks(job);
    const Predictor predictor(job);
    const sim::HostMemory host = predictor.breakdown(job.seq).host;
    const sim::Explanation told = predictor.explain_host(job.seq);
    BytesByCategory sums;
    for (const sim::LiveTensor& tensor : told.tensors) sums[tensor.category] += tensor.total;
    INFO(described(seed, job));
    REQUIRE(told.peak.allocated == host.allocated);
    REQUIRE(told.peak.moment == host.moment);
    REQUIRE(sums == host.categories);
    with_host += told.tensors.empty() ? 0 : 1;
  }
  CHECK(with_host > 300);
}

TEST_CASE("host memory limits FPDT's chunks as it limits what is offloaded") {
  Job job = llama_70b();
  job.method = method_preset("fpdt").method;
  job.method.offload_checkpoints = false;
  job.degrees = {};
  job.nodes = 1;
  job.host_memory = 64_GiB;
  job.device.capacity.bytes = Bytes(std::int64_t{1} << 50);
  const Predictor predictor(job);
  const sim::MaxContext limited = max_context(predictor, {});
  REQUIRE(limited.host);
  CHECK(limited.host->binds);
  CHECK(fits(job, predictor.breakdown(limited.tokens)));
  CHECK_FALSE(fits(job, predictor.breakdown(limited.next)));
}

TEST_CASE("host memory that is never full changes nothing but that it is told") {
  Job job = llama_70b();
  const sim::MaxContext unlimited = max_context(Predictor(job), {});
  job.host_memory = Bytes(std::int64_t{1} << 60);
  const sim::MaxContext limited = max_context(Predictor(job), {});
  REQUIRE(limited.host);
  CHECK_FALSE(limited.host->binds);
  CHECK(limited.tokens == unlimited.tokens);
  CHECK(limited.shortfall == unlimited.shortfall);
  CHECK(limited.next_wall.tokens == unlimited.next_wall.tokens);
}

TEST_CASE("recompute without checkpoints cannot offload them, and says so") {
  for (const RecomputeKind kind : {RecomputeKind::none, RecomputeKind::selective}) {
    Job job = llama_70b();
    job.recompute = {kind, 1};
    CHECK_THROWS_WITH(Predictor(job), contains("has no checkpoints to offload"));
  }
}

TEST_CASE("a record of an offloading job without its host, or with other categories there, does not agree") {
  Job job = small_job(100, 4, {RecomputeKind::full, 1});
  job.method.offload_checkpoints = true;
  job.seq = Tokens(16);
  const sim::Breakdown predicted = Predictor(job).breakdown(job.seq);
  Record record;
  record.job = job;
  record.allocated.total = predicted.allocated;
  record.allocated.categories = predicted.categories;
  CHECK_FALSE(sim::check(record, predicted).agrees());
  record.host = MeasuredPeak{predicted.host.allocated, predicted.host.categories, "layer forward", 3, "checkpoint"};
  CHECK(sim::check(record, predicted).agrees());
  std::swap(record.host->categories[Category::saved_activations], record.host->categories[Category::gradients]);
  CHECK_FALSE(sim::check(record, predicted).agrees());
}

TEST_CASE("on one rank ring is bpt, Ulysses is flash and LSS is its attention, to the byte") {
  const std::pair<std::string_view, std::string_view> pairs[] = {
      {"ring", "bpt"}, {"ulysses", "flash"}, {"ring-ulysses", "flash"}, {"lss", "vanilla"}, {"megatron-sp", "flash"}};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    JobLimits limits;
    limits.ranks = false;
    const Job job = random_job(seed, limits);
    for (const auto& [shared, alone] : pairs) {
      Job a = job, b = job;
      a.method = method_preset(shared).method;
      b.method = method_preset(alone).method;
      INFO(shared << ", " << described(seed, job));
      const sim::Breakdown x = Predictor(a).breakdown(job.seq), y = Predictor(b).breakdown(job.seq);
      REQUIRE(x.allocated == y.allocated);
      REQUIRE(x.categories == y.categories);
      REQUIRE(x.moment == y.moment);
    }
  }
}

}  // namespace headroom::test

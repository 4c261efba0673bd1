#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "catch.h"
#include "one_rank.h"

using namespace headroom;
using headroom::test::check_like_one_rank;
using headroom::test::ranks_present;

namespace {

constexpr double kTolerance = 1e-5;
constexpr double kTolerance16 = 2e-2;

/// A way to share a sequence among all ranks, with an attention that goes with it.
struct Distribution {
  SequenceDistribution sequence;
  Attention attention;
  std::int64_t ulysses = 1;
  std::int64_t query_chunk = 5;  ///< FPDT's is shared out among all ranks
};

std::vector<Distribution> distributions() {
  std::vector<Distribution> all = {{SequenceDistribution::ring, Attention::flash}};
  for (const Attention attention : {Attention::vanilla, Attention::memory_efficient, Attention::flash}) {
    all.push_back({SequenceDistribution::lss, attention});
    all.push_back({SequenceDistribution::ulysses, attention});
  }
  for (std::int64_t ulysses = 1; ulysses <= ranks_present(); ulysses *= 2) {
    all.push_back({SequenceDistribution::ring_ulysses, Attention::flash, ulysses});
  }
  for (const std::int64_t chunk : {4, 8, 12, 16}) {
    all.push_back({SequenceDistribution::fpdt, Attention::flash, 1, chunk});
  }
  return all;
}

Job distributed(Job job, const Distribution& how, std::int64_t data_ranks = 1) {
  job.seq = Tokens(16);
  job.method.sequence = how.sequence;
  job.method.attention = how.attention;
  job.method.query_chunk.tokens = Tokens(how.query_chunk);
  job.degrees = {.data = data_ranks, .sequence = ranks_present() / data_ranks, .ulysses = how.ulysses};
  return job;
}

std::string told(const Job& job) {
  return std::string(name_of(job.method.sequence)) + ", " + std::string(name_of(job.method.attention)) + ", " +
         std::string(name_of(job.method.feed_forward)) + ", " + std::string(name_of(job.method.head)) + ", " +
         std::string(name_of(job.method.sharding)) + ", " + format_recompute(job.recompute) + ", U " +
         std::to_string(job.degrees.ulysses) + ", c_q " + std::to_string(job.method.query_chunk.tokens.count()) +
         ", D " + std::to_string(job.degrees.data);
}

constexpr Recompute kRecomputes[] = {
    {RecomputeKind::none, 1}, {RecomputeKind::selective, 1}, {RecomputeKind::full, 1}, {RecomputeKind::every, 2}};
constexpr StateSharding kShardings[] = {StateSharding::none, StateSharding::zero1, StateSharding::zero2,
                                        StateSharding::zero3};
constexpr FeedForward kFeedForwards[] = {FeedForward::whole, FeedForward::chunked, FeedForward::blockwise};
constexpr Head kHeads[] = {Head::dense_fp32, Head::dense, Head::chunked, Head::fused};

/// FPDT has no way for latents.
bool can_run(const Job& job) { return job.method.sequence != SequenceDistribution::fpdt || !job.model.kinds[0].latent; }

/// Each distribution by each recompute; sharding, feed-forward and head go round beside them, so that each meets each.
void check_all(const Job& base, double tolerance) {
  std::size_t turn = 0;
  const bool is_parallel = base.model.kinds[0].residual != Residual::pre_norm;
  for (const Distribution& how : distributions()) {
    if (is_parallel && how.sequence == SequenceDistribution::fpdt) continue;
    for (const Recompute& recompute : kRecomputes) {
      Job job = distributed(base, how);
      if (!can_run(job)) continue;
      job.recompute = recompute;
      job.method.sharding = kShardings[(turn + turn / 4) % 4];
      job.method.feed_forward = kFeedForwards[turn % 3];
      job.method.head = kHeads[turn / 3 % 4];
      if (job.method.feed_forward == FeedForward::blockwise && how.attention == Attention::vanilla) {
        job.method.feed_forward = FeedForward::chunked;
      }
      ++turn;
      INFO(told(job));
      check_like_one_rank(job, tolerance);
    }
  }
}

void check_same_bits(const test::Step& actual, const test::Step& expected) {
  CHECK(actual.loss == expected.loss);
  REQUIRE(actual.shares.size() == expected.shares.size());
  for (const auto& [name, share] : expected.shares) {
    INFO(name);
    CHECK(actual.shares.at(name).values == share.values);
  }
}

}  // namespace

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: GPT style") {
  check_all(test::gpt_job(), kTolerance);
}

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: Llama style") {
  check_all(test::llama_job(), kTolerance);
}

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: experts") {
  check_all(test::experts_job(), kTolerance);
}

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: GPT-NeoX and GPT-J style") {
  check_all(GENERATE(test::gpt_neox_job(), test::gpt_j_job()), kTolerance);
}

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: norms of queries and keys") {
  Job job = test::qwen_job();
  job.model.kinds[0].kv_heads = GENERATE(1, 4);
  check_all(job, kTolerance);
}

TEST_CASE("in fp32 ranks compute one rank's outputs, gradients and parameters to 1e-5: latent attention") {
  Job job = test::deepseek_job();
  job.model.kinds[0].latent = GENERATE(LatentAttention{10, 8, 2, 4}, LatentAttention{{}, 8, 4, 6});
  check_all(job, kTolerance);
}

TEST_CASE("one key head for all ranks, and as many as ranks, compute the same") {
  Job job = test::llama_job();
  job.model.kinds[0].kv_heads = GENERATE(1, 4);
  for (const Distribution& how : distributions()) {
    INFO(told(distributed(job, how)));
    check_like_one_rank(distributed(job, how), kTolerance);
  }
}

TEST_CASE("post-norms, tied embeddings and two kinds of layers compute the same, whatever is sharded") {
  Job base = test::gemma_job();
  base.model.kinds[1].heads = 8;
  base.recompute = GENERATE(Recompute{RecomputeKind::none, 1}, Recompute{RecomputeKind::every, 2});
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, GENERATE(Distribution{SequenceDistribution::lss, Attention::vanilla},
                                         Distribution{SequenceDistribution::ulysses, Attention::memory_efficient},
                                         Distribution{SequenceDistribution::fpdt, Attention::flash, 1, 12}));
    job.method.sharding = sharding;
    INFO(told(job));
    check_like_one_rank(job, kTolerance);
  }
}

TEST_CASE("in bf16 ranks compute one rank's outputs, gradients and parameters to 2e-2") {
  Job base = GENERATE(test::gpt_job(), test::llama_job(), test::qwen_job());
  base.precision = GENERATE(Precision::bf16, Precision::bf16_mixed);
  base.model.layer_runs = {{1, {0}}};
  std::size_t turn = 0;
  for (const Distribution& how : distributions()) {
    Job job = distributed(base, how);
    job.method.sharding = kShardings[turn++ % 4];
    INFO(told(job));
    check_like_one_rank(job, kTolerance16);
  }
}

TEST_CASE("gradients that accumulate over micro-batches are one rank's, whatever is sharded") {
  Job base = GENERATE(test::gpt_job(), test::gemma_job());
  if (base.model.kinds.size() > 1) base.model.kinds[1].heads = 8;
  base.accumulate = true;
  const Distribution how = GENERATE(Distribution{SequenceDistribution::ring, Attention::flash},
                                    Distribution{SequenceDistribution::fpdt, Attention::flash, 1, 12});
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, how);
    job.method.sharding = sharding;
    INFO(told(job));
    measure::Training training = test::steady_training();
    training.micro_batches = 3;
    check_like_one_rank(job, kTolerance, training);
  }
}

TEST_CASE("data ranks compute what one rank computes of all their sequences, alone and beside sequence ranks") {
  const std::int64_t data_ranks = GENERATE(std::int64_t{2}, ranks_present());
  Job base = GENERATE(test::gpt_job(), test::llama_job());
  base.recompute = {RecomputeKind::full, 1};
  base.accumulate = GENERATE(false, true);
  for (const StateSharding sharding : kShardings) {
    for (const FeedForward feed_forward : kFeedForwards) {
      Job job = distributed(base, {SequenceDistribution::ring, Attention::flash}, data_ranks);
      job.method.sharding = sharding;
      job.method.feed_forward = feed_forward;
      if (data_ranks == ranks_present()) job.method.key_values = KeyValues::recomputed;
      INFO(told(job));
      check_like_one_rank(job, kTolerance);
      job = distributed(base, {SequenceDistribution::fpdt, Attention::flash, 1, 6}, data_ranks);
      job.method.sharding = sharding;
      job.method.feed_forward = feed_forward;
      INFO(told(job));
      check_like_one_rank(job, kTolerance);
    }
  }
}

TEST_CASE("dropout draws the same masks on ranks as on one") {
  Job base = GENERATE(test::gpt_job(), test::llama_job());
  base.dropout = true;
  base.recompute = GENERATE(Recompute{RecomputeKind::none, 1}, Recompute{RecomputeKind::full, 1});
  for (const Distribution& how : distributions()) {
    INFO(told(distributed(base, how)));
    check_like_one_rank(distributed(base, how), kTolerance);
  }
}

TEST_CASE("SGD moves sharded parameters as whole ones") {
  Job base = test::llama_job();
  base.optimizer.kind = OptimizerKind::sgd;
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, {SequenceDistribution::lss, Attention::flash});
    job.method.sharding = sharding;
    INFO(told(job));
    check_like_one_rank(job, kTolerance);
  }
}

TEST_CASE("momentum moves sharded parameters as whole ones, and averages of whole matrices are one rank's") {
  Job base = test::llama_job();
  base.optimizer = {OptimizerKind::sgd, StateDType::fp32, Momentum::fp32};
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, {SequenceDistribution::lss, Attention::flash});
    job.method.sharding = sharding;
    INFO(told(job));
    check_like_one_rank(job, kTolerance);
  }
  base.optimizer = {OptimizerKind::adafactor, StateDType::fp32, Momentum::bf16, GENERATE(true, false)};
  check_like_one_rank(distributed(base, {SequenceDistribution::lss, Attention::flash}), kTolerance);
}

TEST_CASE("8-bit moments move parameters as AdamW does in the first step, whatever is sharded") {
  Job base = test::llama_job();
  base.model.vocab = 1001;  // halves and quarters of tables of 24024 elements are above and below 8 bits
  base.model.kinds[0].ffn_hidden = 350;
  base.optimizer.states = StateDType::int8;
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, {SequenceDistribution::lss, Attention::flash});
    job.method.sharding = sharding;
    INFO(told(job));
    check_like_one_rank(job, kTolerance);
  }
}

TEST_CASE("on ranks updates in backward change no bit, whatever is sharded, offloaded and fetched ahead") {
  Job base = GENERATE(test::gpt_job(), test::gemma_job());
  base.model.kinds[0].heads = base.model.kinds[0].kv_heads = 4;
  if (base.model.kinds.size() > 1) base.model.kinds[1].heads = 8;
  base.model.vocab = 701;
  base.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  base.optimizer =
      GENERATE(Optimizer{OptimizerKind::adamw, StateDType::fp32}, Optimizer{OptimizerKind::adamw, StateDType::int8},
               Optimizer{OptimizerKind::adafactor, StateDType::fp32, Momentum::fp32, false},
               Optimizer{OptimizerKind::sgd, StateDType::fp32, Momentum::bf16});
  base.recompute = {RecomputeKind::every, 2};
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, {SequenceDistribution::ring, Attention::flash});
    job.method.sharding = sharding;
    job.method.prefetch = 1;
    job.method.offload_optimizer = GENERATE(false, true);
    job.method.offload_parameters = job.method.offload_optimizer && sharding == StateSharding::zero3;
    INFO(told(job) << ", offloads " << job.method.offload_optimizer);
    const test::Step at_the_end = test::step_of_ranks(job, test::steady_training());
    job.optimizer.in_backward = true;
    check_same_bits(test::step_of_ranks(job, test::steady_training()), at_the_end);
  }
}

TEST_CASE("what ranks offload computes what one rank computes that offloads nothing") {
  Job base = GENERATE(test::gpt_job(), test::gemma_job());
  base.model.kinds[0].heads = base.model.kinds[0].kv_heads = 4;
  if (base.model.kinds.size() > 1) base.model.kinds[1].heads = 8;
  base.method.offload_optimizer = true;
  base.method.offload_checkpoints = GENERATE(false, true);
  base.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::sgd);
  base.recompute = {RecomputeKind::every, 2};
  base.accumulate = GENERATE(false, true);
  std::size_t turn = base.accumulate ? 1 : 0;
  for (const StateSharding sharding : kShardings) {
    const Distribution how = turn % 2 == 0 ? Distribution{SequenceDistribution::ring, Attention::flash}
                                           : Distribution{SequenceDistribution::fpdt, Attention::flash, 1, 12};
    Job job = distributed(base, how, GENERATE(1, 2));
    job.method.sharding = sharding;
    job.method.feed_forward = kFeedForwards[turn++ % 3];
    INFO(told(job));
    check_like_one_rank(job, kTolerance);
  }
}

TEST_CASE("prefetch and parameters on the host change no bit of what ranks compute") {
  Job base = GENERATE(test::gpt_job(), test::gemma_job());
  base.model.kinds[0].heads = base.model.kinds[0].kv_heads = 4;
  if (base.model.kinds.size() > 1) base.model.kinds[1].heads = 8;
  base.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  base.accumulate = base.precision == Precision::fp32;
  if (base.accumulate) base.recompute = {RecomputeKind::every, 2};
  base.optimizer.kind = base.accumulate == base.model.tied_embeddings ? OptimizerKind::sgd : OptimizerKind::adamw;
  for (const StateSharding sharding : {StateSharding::none, StateSharding::zero3}) {
    Job job = distributed(base, {SequenceDistribution::lss, Attention::flash}, base.accumulate ? 2 : 1);
    job.method.sharding = sharding;
    const test::Step here = test::step_of_ranks(job, test::steady_training());
    for (const auto& [prefetch, on_host] : {std::pair{1, false}, {100, false}, {0, true}, {1, true}, {100, true}}) {
      job.method.prefetch = prefetch;
      job.method.offload_optimizer = job.method.offload_parameters = on_host;
      INFO(told(job) << ", prefetch " << prefetch << ", on the host " << on_host);
      check_same_bits(test::step_of_ranks(job, test::steady_training()), here);
    }
  }
}

TEST_CASE("in mixed precision ranks that offload master copies compute what one rank computes to 2e-2") {
  Job base = test::llama_job();
  base.model.layer_runs = {{1, {0}}};
  base.precision = Precision::bf16_mixed;
  base.recompute = {RecomputeKind::full, 1};
  base.method.offload_optimizer = base.method.offload_checkpoints = true;
  base.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::sgd);
  for (const StateSharding sharding : kShardings) {
    Job job = distributed(base, {SequenceDistribution::lss, Attention::flash});
    job.method.sharding = sharding;
    INFO(told(job));
    check_like_one_rank(job, kTolerance16);
  }
}

TEST_CASE("what ranks cannot share is refused in a sentence, before anything runs") {
  const std::int64_t ranks = ranks_present();
  const auto refused = [&](const auto& change) {
    Job job = distributed(test::llama_job(), {SequenceDistribution::ring, Attention::flash});
    change(job);
    try {
      measure::require_runnable(job, {}, ranks);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto contains = [](const char* part) { return test::contains(part); };
  CHECK(refused([](Job&) {}).empty());
  CHECK_THAT(refused([](Job& j) { j.seq = Tokens(17); }), contains("a sequence of 17 tokens cannot be shared out"));
  CHECK_THAT(refused([](Job& j) { j.method.attention = Attention::vanilla; }),
             contains("a ring needs attention 'flash'"));
  CHECK_THAT(refused([](Job& j) { j.method.sequence = SequenceDistribution::none; }), contains("key 'sequence'"));
  CHECK_THAT(refused([](Job& j) { j.degrees.data = 3; }), contains("data_parallel 3 times sequence_parallel"));
  for (const StateSharding sharding : kShardings) {
    const bool has_parts = sharding == StateSharding::zero1 || sharding == StateSharding::zero2;
    const std::string told = refused([&](Job& j) {
      j.method.sharding = sharding;
      j.method.offload_optimizer = j.method.offload_parameters = true;
    });
    CHECK(told.empty() == !has_parts);
    if (has_parts) CHECK_THAT(told, contains("whose ranks have whole parameters each: give sharding 'zero3'"));
  }
  CHECK_THAT(refused([](Job& j) {
               j.method.feed_forward = FeedForward::blockwise;
               j.method.key_values = KeyValues::recomputed;
             }),
             contains("cannot be recomputed where ranks share a sequence"));
  CHECK_THAT(refused([](Job& j) {
               j.method.sequence = SequenceDistribution::ring_ulysses;
               j.degrees.ulysses = 3;
             }),
             contains("ulysses_parallel 3 does not divide"));
  const auto fpdt = [&](std::int64_t chunk, Attention attention) {
    return refused([&](Job& j) {
      j.method.sequence = SequenceDistribution::fpdt;
      j.method.query_chunk.tokens = Tokens(chunk);
      j.method.attention = attention;
    });
  };
  CHECK(fpdt(12, Attention::flash).empty());
  CHECK(fpdt(1001, Attention::flash).empty());  // no longer than the sequence
  CHECK_THAT(fpdt(5, Attention::flash), contains("a query chunk of 5 tokens cannot be shared out equally among"));
  CHECK_THAT(fpdt(8, Attention::memory_efficient), contains("FPDT needs attention 'flash'"));
  const auto exchange = GENERATE(SequenceDistribution::ulysses, SequenceDistribution::fpdt);
  const auto heads = [&](std::int64_t query, std::int64_t key) {
    return refused([&](Job& j) {
      j.method.sequence = exchange;
      j.method.query_chunk.tokens = Tokens(8);
      j.model.kinds[0].heads = query;
      j.model.kinds[0].kv_heads = key;
    });
  };
  CHECK_THAT(heads(5, 5), contains("5 query heads cannot be shared out"));
  CHECK_THAT(heads(12, 3), contains("the 3 key heads"));
  CHECK(heads(12, 12).empty());
}

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

/// A way to arrange all ranks, some of them as tensor ranks.
struct Arrangement {
  std::int64_t tensor;
  SequenceDistribution sequence = SequenceDistribution::none;
  std::int64_t data = 1;
};

std::vector<Arrangement> arrangements() {
  const std::int64_t ranks = ranks_present();
  std::vector<Arrangement> all = {{ranks}, {ranks, SequenceDistribution::megatron_sp}};
  if (ranks < 4) return all;
  for (const auto sequence :
       {SequenceDistribution::ring, SequenceDistribution::ulysses, SequenceDistribution::ring_ulysses,
        SequenceDistribution::lss, SequenceDistribution::fpdt}) {
    all.push_back({ranks / 2, sequence});
  }
  all.push_back({2, SequenceDistribution::none, ranks / 2});
  all.push_back({2, SequenceDistribution::megatron_sp, ranks / 2});
  return all;
}

Job arranged(Job job, const Arrangement& how) {
  job.seq = Tokens(16);
  job.method.ffn_chunk.tokens = job.method.head_chunk.tokens = Tokens(3);
  job.method.sequence = how.sequence;
  if (how.sequence == SequenceDistribution::fpdt) job.method.query_chunk.tokens = Tokens(6);
  job.degrees.tensor = how.tensor;
  job.degrees.data = how.data;
  job.degrees.sequence = ranks_present() / how.tensor / how.data;
  job.degrees.ulysses = job.degrees.sequence;
  return job;
}

bool needs_flash(const Job& job) {
  const SequenceDistribution sequence = job.method.sequence;
  return sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses ||
         sequence == SequenceDistribution::fpdt;
}

std::string told(const Job& job) {
  return std::string(name_of(job.method.sequence)) + ", " + std::string(name_of(job.method.attention)) + ", " +
         std::string(name_of(job.method.feed_forward)) + ", keys " + std::string(name_of(job.method.key_values)) +
         ", " + std::string(name_of(job.method.head)) + ", " + std::string(name_of(job.method.sharding)) + ", " +
         format_recompute(job.recompute) + ", t " + std::to_string(job.degrees.tensor) + ", N " +
         std::to_string(job.degrees.sequence) + ", D " + std::to_string(job.degrees.data);
}

constexpr Attention kAttentions[] = {Attention::flash, Attention::vanilla, Attention::memory_efficient};
constexpr Recompute kRecomputes[] = {
    {RecomputeKind::none, 1}, {RecomputeKind::selective, 1}, {RecomputeKind::full, 1}, {RecomputeKind::every, 2}};
constexpr StateSharding kShardings[] = {StateSharding::none, StateSharding::zero1, StateSharding::zero2,
                                        StateSharding::zero3};
constexpr FeedForward kFeedForwards[] = {FeedForward::whole, FeedForward::chunked, FeedForward::blockwise};
constexpr Head kHeads[] = {Head::dense_fp32, Head::dense, Head::chunked, Head::fused};

/// The method's axes go round with `turn`, so that each value meets each of the others.
Job turned(Job job, std::size_t turn) {
  job.method.attention = needs_flash(job) ? Attention::flash : kAttentions[turn % 3];
  job.method.feed_forward = kFeedForwards[turn / 3 % 3];
  job.method.head = kHeads[turn % 4];
  job.recompute = kRecomputes[(turn + turn / 4) % 4];
  job.method.sharding = kShardings[turn / 2 % 4];
  if (job.method.feed_forward != FeedForward::blockwise) return job;
  if (job.method.attention == Attention::vanilla) job.method.attention = Attention::flash;
  if (token_runs(job) == 1 && turn % 2 == 0) job.method.key_values = KeyValues::recomputed;
  return job;
}

/// FPDT has no way for latents, and data ranks draw masks of their own.
bool can_run(const Job& job, const Arrangement& how) {
  const LayerKind& kind = job.model.kinds[0];
  if (how.sequence == SequenceDistribution::fpdt && (kind.latent || kind.residual != Residual::pre_norm)) return false;
  return !job.dropout || how.data == 1;
}

/// Every arrangement, `turns` times with other methods.
void check_all(const Job& base, double tolerance, std::size_t turns,
               const measure::Training& training = test::steady_training()) {
  std::size_t turn = 0;
  for (const Arrangement& how : arrangements()) {
    if (!can_run(base, how)) continue;
    for (std::size_t i = 0; i < turns; ++i) {
      const Job job = turned(arranged(base, how), turn++);
      INFO(told(job));
      check_like_one_rank(job, tolerance, training);
    }
  }
}

/// Post-norms, tied embeddings, two kinds of layers whose key heads are shared by different ranks.
Job gemma_job() {
  Job job = test::gemma_job();
  job.model.kinds[1].heads = 8;
  return job;
}

}  // namespace

TEST_CASE("on tensor ranks updates in backward change no bit, sums of shared gradients come first") {
  Job base = GENERATE(test::gpt_job(), gemma_job(), test::qwen_job());
  base.optimizer = GENERATE(Optimizer{OptimizerKind::adamw, StateDType::fp32},
                            Optimizer{OptimizerKind::adafactor, StateDType::fp32, Momentum::none, false},
                            Optimizer{OptimizerKind::sgd, StateDType::fp32, Momentum::fp32});
  std::size_t turn = 0;
  for (const Arrangement& how : arrangements()) {
    Job job = turned(arranged(base, how), turn++);
    INFO(told(job));
    const test::Step at_the_end = test::step_of_ranks(job, test::steady_training());
    job.optimizer.in_backward = true;
    const test::Step in_backward = test::step_of_ranks(job, test::steady_training());
    CHECK(in_backward.loss == at_the_end.loss);
    for (const auto& [name, share] : at_the_end.shares) {
      INFO(name);
      CHECK(in_backward.shares.at(name).values == share.values);
    }
  }
}

TEST_CASE("in fp32 tensor ranks compute one rank's loss, outputs, gradients and parameters to 1e-5: GPT style") {
  check_all(test::gpt_job(), kTolerance, 12);
}

TEST_CASE("in fp32 tensor ranks compute one rank's loss, outputs, gradients and parameters to 1e-5: Llama style") {
  check_all(test::llama_job(), kTolerance, 12);
}

TEST_CASE("with experts tensor ranks compute one rank's loss, outputs, gradients and parameters to 1e-5") {
  Job job = test::experts_job();
  check_all(job, kTolerance, 6);
  job.model.kinds[1].post_norms = true;
  job.model.kinds[1].activation = Activation::gelu;
  job.model.kinds[1].experts->shared_gate = false;
  check_all(job, kTolerance, 3);
}

TEST_CASE(
    "in fp32 tensor ranks compute one rank's outputs, gradients and parameters to 1e-5: GPT-NeoX and GPT-J style") {
  Job job = GENERATE(test::gpt_neox_job(), test::gpt_j_job());
  job.dropout = GENERATE(false, true);
  check_all(job, kTolerance, 12);
}

TEST_CASE("norms of queries and keys, whose gradients tensor ranks sum, compute one rank's") {
  Job job = GENERATE(test::qwen_job(), test::gpt_neox_job());
  job.model.kinds[0].qk_norm = true;
  job.model.kinds[0].rotary_dim = {};  // where nothing is rotated a key's bias moves all scores of a query alike
  job.model.kinds[0].residual = Residual::pre_norm;
  job.model.kinds[0].kv_heads = GENERATE(1, 4);
  check_all(job, kTolerance, 6);
}

TEST_CASE("latent attention, whose latents every tensor rank has whole, computes one rank's") {
  Job job = test::deepseek_job();
  job.model.kinds[0].latent = GENERATE(LatentAttention{10, 8, 2, 4}, LatentAttention{{}, 8, 4, 6});
  check_all(job, kTolerance, 9);
  job.dropout = true;
  check_all(job, kTolerance, 3);
}

TEST_CASE("one key head for all tensor ranks, and as many as ranks, compute the same") {
  Job job = test::llama_job();
  job.model.kinds[0].kv_heads = GENERATE(1, 4);
  job.model.kinds[0].qkv_bias = true;
  check_all(job, kTolerance, 3);
}

TEST_CASE("post-norms, tied embeddings and two kinds of layers compute the same on tensor ranks") {
  check_all(gemma_job(), kTolerance, 6);
}

TEST_CASE("a vocabulary of which some tensor ranks have nothing computes the same") {
  Job job = GENERATE(test::gpt_job(), gemma_job());
  job.model.vocab = GENERATE(5, 3);  // in parts of 2, 2, 1 and 0, or of 1, 1, 1 and 0
  check_all(job, kTolerance, 2);
}

TEST_CASE("in bf16 tensor ranks compute one rank's loss, outputs, gradients and parameters to 2e-2") {
  Job base = GENERATE(test::gpt_job(), test::llama_job(), test::deepseek_job());
  base.precision = GENERATE(Precision::bf16, Precision::bf16_mixed);
  base.model.layer_runs = {{1, {0}}};
  // Of AdamW's first step g / (|g| + epsilon), so that the smallest gradients' rounding does not decide it.
  measure::Training training = test::steady_training();
  training.adamw.epsilon = 1e-2F;
  check_all(base, kTolerance16, 4, training);
}

TEST_CASE("gradients that accumulate over micro-batches on tensor ranks are one rank's") {
  Job base = GENERATE(test::gpt_job(), gemma_job());
  base.accumulate = true;
  measure::Training training = test::steady_training();
  training.micro_batches = 3;
  check_all(base, kTolerance, 4, training);
}

TEST_CASE("dropout draws the same masks on tensor ranks as on one, of scores those of a rank's heads") {
  Job base = GENERATE(test::gpt_job(), gemma_job());
  base.dropout = true;
  check_all(base, kTolerance, 6);
}

TEST_CASE("tensor ranks beside data ranks compute the same, whatever is sharded and offloaded") {
  Job base = GENERATE(test::gpt_job(), test::llama_job());
  base.recompute = {RecomputeKind::every, 2};
  base.method.offload_optimizer = base.method.offload_checkpoints = GENERATE(false, true);
  for (const auto sequence : {SequenceDistribution::none, SequenceDistribution::megatron_sp}) {
    for (const StateSharding sharding : kShardings) {
      Job job = arranged(base, {2, sequence, ranks_present() / 2});
      job.method.sharding = sharding;
      const bool has_parts = sharding == StateSharding::zero1 || sharding == StateSharding::zero2;
      job.method.offload_parameters = job.method.offload_optimizer && !has_parts;
      job.method.prefetch = 2;
      INFO(told(job));
      check_like_one_rank(job, kTolerance);
    }
  }
}

TEST_CASE("what tensor ranks cannot share is refused in a sentence, before anything runs") {
  const std::int64_t ranks = ranks_present();
  const auto refused = [&](SequenceDistribution sequence, const auto& change) {
    Job job = arranged(test::llama_job(), {ranks, sequence});
    change(job);
    try {
      measure::require_runnable(job, {}, rank_count(job.degrees));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto plain = [&](const auto& change) { return refused(SequenceDistribution::none, change); };
  const auto megatron = [&](const auto& change) { return refused(SequenceDistribution::megatron_sp, change); };
  const auto contains = [](const char* part) { return test::contains(part); };
  CHECK(plain([](Job&) {}).empty());
  CHECK(megatron([](Job&) {}).empty());
  CHECK_THAT(plain([](Job& j) { j.degrees.tensor = 0; }), contains("tensor_parallel 0"));
  CHECK_THAT(plain([](Job& j) { j.degrees.pipeline = 2; }), contains("pipelines are predicted, not run yet"));
  CHECK_THAT(plain([](Job& j) { j.model.kinds[0].heads = j.model.kinds[0].kv_heads = 5; }),
             contains("5 query heads cannot be shared out equally among"));
  CHECK_THAT(plain([](Job& j) {
               j.model.kinds[0].heads = 12;
               j.model.kinds[0].kv_heads = 3;
             }),
             contains("tensor ranks must divide the 3 key heads or be divided by them"));
  CHECK_THAT(plain([](Job& j) { j.model.kinds[0].ffn_hidden = 41; }),
             contains("a feed-forward 41 wide cannot be shared out equally among"));
  CHECK_THAT(plain([](Job& j) { j.model.kinds[0].experts = Experts{4, 2, 15, false, false, {}}; }),
             contains("a shared expert 15 wide cannot be shared out equally among"));
  CHECK(plain([](Job& j) { j.seq = Tokens(17); }).empty());
  CHECK_THAT(megatron([](Job& j) { j.seq = Tokens(17); }), contains("a sequence of 17 tokens cannot be shared out"));
  CHECK_THAT(megatron([](Job& j) { j.degrees.sequence = 2; }),
             contains("shares each sequence among the tensor ranks: give tensor_parallel instead"));
  const auto recomputes_keys = [](Job& j) {
    j.method.attention = Attention::flash;
    j.method.feed_forward = FeedForward::blockwise;
    j.method.key_values = KeyValues::recomputed;
  };
  CHECK(plain(recomputes_keys).empty());
  CHECK_THAT(megatron(recomputes_keys), contains("cannot be recomputed where ranks share a sequence"));
  CHECK_THAT(refused(SequenceDistribution::ulysses,
                     [](Job& j) {
                       j.degrees.tensor = 2;
                       j.degrees.sequence = 4;
                     }),
             contains("4 ranks exchange heads, and 2 query heads cannot be shared out among them"));
}

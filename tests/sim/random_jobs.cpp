#include "random_jobs.h"

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/sim/combination.h>

#include "random.h"

namespace headroom::test {
namespace {

bool is_accepted(const Job& job) {
  try {
    sim::check_combination(job);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

class JobBuilder {
 public:
  JobBuilder(std::uint64_t seed, const JobLimits& limits) : random_(seed), limits_(limits) {}

  Job build() {
    build_common();
    if (limits_.ranks && random_.chance(60)) build_ranks();
    build_training();
    return job_;
  }

  /// What training reads is drawn too, and makes no difference.
  Job build_inference() {
    build_common();
    job_.dropout = random_.chance(40);
    job_.recompute = {random_.value<RecomputeKind>(), 2};
    job_.precision = random_.value<Precision>();
    until_accepted([&] { build_optimizer(); });
    for (LayerKind& kind : job_.model.kinds) {
      if (kind.latent) kind.window.reset();
    }
    until_accepted([&] {
      job_.mode = Mode::inference;
      job_.method.key_values = KeyValues::kept;
      job_.degrees.tensor = limits_.ranks ? random_.between(1, 4) : 1;
      job_.degrees.data = limits_.ranks ? random_.between(1, 2) : 1;
      job_.inference.cache = random_.value<CacheType>();
      job_.inference.prefill_batch = random_.between(1, 5);
      job_.inference.prefill_chunk = chunk(4 * limits_.chunks);
    });
    return job_;
  }

 private:
  void build_common() {
    job_.seq = Tokens(sequence());
    job_.batch = random_.between(1, 4);
    build_model();
    job_.device = budget_device(Bytes(random_.between(1, std::int64_t{1} << 40)));
    build_method();
  }

  std::int64_t sequence() {
    if (random_.chance(25)) return random_.between(1, std::min<std::int64_t>(12, limits_.seq));
    return random_.between(1, limits_.seq);
  }

  void build_model() {
    Transformer& model = job_.model;
    model.name = "random";
    model.hidden = random_.between(1, limits_.hidden);
    model.vocab = random_.between(1, limits_.vocab);
    model.max_positions = random_.between(1, 2 * limits_.seq);
    model.norm = random_.value<Norm>();
    model.positions = random_.value<Positions>();
    model.tied_embeddings = random_.chance(50);
    model.head_bias = random_.chance(30);
    const std::int64_t kinds = random_.between(1, 3);
    for (std::int64_t i = 0; i < kinds; ++i) model.kinds.push_back(kind());
    const std::int64_t runs = random_.between(1, limits_.runs);
    for (std::int64_t i = 0; i < runs; ++i) model.layer_runs.push_back(run(kinds));
  }

  LayerKind kind() {
    LayerKind kind;
    kind.kv_heads = random_.between(1, limits_.heads);
    kind.heads = kind.kv_heads * random_.between(1, limits_.heads);
    kind.head_dim = random_.between(1, limits_.head_dim);
    kind.ffn_hidden = random_.between(1, limits_.ffn_hidden);
    kind.activation = random_.value<Activation>();
    kind.qkv_bias = random_.chance(50);
    kind.out_bias = random_.chance(50);
    kind.ffn_bias = random_.chance(50);
    kind.post_norms = random_.chance(25);
    if (random_.chance(20)) kind.window = random_.between(1, limits_.seq);
    if (random_.chance(20)) choose_latent(kind);
    kind.qk_norm = !kind.latent && random_.chance(25);
    if (!kind.post_norms && random_.chance(35)) {
      kind.residual = random_.chance(50) ? Residual::parallel : Residual::parallel_shared_norm;
    }
    if (random_.chance(25)) kind.experts = experts();
    return kind;
  }

  void choose_latent(LayerKind& kind) {
    kind.kv_heads = kind.heads;
    kind.head_dim = random_.between(3, limits_.head_dim + 2);
    kind.qkv_bias = false;
    LatentAttention latent;
    if (random_.chance(60)) latent.query_rank = random_.between(1, limits_.hidden);
    latent.kv_rank = random_.between(1, limits_.hidden);
    latent.rope_head_dim = 2 * random_.between(1, (kind.head_dim - 1) / 2);
    latent.value_head_dim = random_.chance(25) ? kind.head_dim : random_.between(1, kind.head_dim);
    kind.latent = latent;
  }

  Experts experts() {
    Experts experts;
    experts.count = random_.between(1, 8);
    experts.per_token = random_.between(1, experts.count);
    if (random_.chance(50)) experts.shared_hidden = random_.between(1, limits_.ffn_hidden);
    experts.shared_gate = experts.shared_hidden && random_.chance(50);
    experts.router_bias = random_.chance(30);
    if (random_.chance(40)) experts.capacity_factor = Rational(random_.between(1, 12), 4);
    return experts;
  }

  LayerRun run(std::int64_t kinds) {
    LayerRun run;
    run.repeat = random_.between(1, limits_.repeat);
    const std::int64_t length = random_.between(1, limits_.period);
    for (std::int64_t i = 0; i < length; ++i) run.period.push_back(random_.between(0, kinds - 1));
    return run;
  }

  void build_method() {
    Method& method = job_.method;
    method.name = method_names()[random_.below(method_names().size())];
    for (Chunk* chunk : {&method.query_chunk, &method.kv_chunk, &method.ffn_chunk, &method.head_chunk})
      *chunk = {ChunkRule::tokens, Tokens(1)};
    until_accepted([&] { method.query_chunk = chunk(limits_.chunks); });
    until_accepted([&] { method.kv_chunk = chunk(limits_.chunks); });
    until_accepted([&] { method.ffn_chunk = chunk(4 * limits_.chunks); });
    until_accepted([&] { method.head_chunk = chunk(4 * limits_.chunks); });
    until_accepted([&] {
      method.attention = random_.value<Attention>();
      method.feed_forward = random_.value<FeedForward>();
      method.head = random_.value<Head>();
      method.key_values = random_.value<KeyValues>();
    });
  }

  void build_ranks() {
    until_accepted([&] {
      job_.method.sequence = random_.value<SequenceDistribution>();
      job_.method.sharding = random_.value<StateSharding>();
      job_.degrees.data = random_.between(1, 3);
      job_.degrees.sequence = random_.between(1, 4);
      job_.degrees.tensor = random_.between(1, 4);
      if (random_.chance(30)) choose_stages();
      job_.degrees.ulysses = random_.between(1, 4);
      if (job_.method.sequence == SequenceDistribution::fpdt) {
        job_.method.query_chunk.tokens = Tokens(job_.degrees.sequence * job_.method.query_chunk.tokens.count());
      }
    });
    const std::int64_t n = token_runs(job_);
    job_.seq = Tokens((job_.seq.count() + n - 1) / n * n);
  }

  /// Stages whose runs the layers divide into, if there are any.
  void choose_stages() {
    const std::int64_t layers = layer_count(job_.model);
    const std::int64_t p = random_.between(1, 5), m = random_.between(1, 3);
    if (layers % (p * m) != 0) return;
    job_.degrees.pipeline = p;
    job_.model_chunks = p > 1 ? m : 1;
    job_.micro_batches = job_.model_chunks > 1 ? p * random_.between(1, 4) : random_.between(1, 9);
  }

  /// One chunk, a few equal ones, any length, or one that the sequence does not reach.
  Chunk chunk(std::int64_t most) {
    const std::int64_t s = job_.seq.count();
    Chunk chunk;
    if (limits_.chunk_rules) chunk.rule = random_.value<ChunkRule>();
    if (chunk.rule == ChunkRule::tokens) {
      const std::int64_t shortest = (s + most - 1) / most;
      chunk.tokens = Tokens(random_.chance(15) ? s + random_.between(0, 50) : random_.between(shortest, s));
    }
    return chunk;
  }

  template <class Draw>
  void until_accepted(Draw draw) {
    do draw();
    while (!is_accepted(job_));
  }

  void build_training() {
    const std::int64_t layers = layer_count(job_.model);
    until_accepted([&] {
      job_.recompute.kind = random_.value<RecomputeKind>();
      job_.recompute.every = job_.recompute.kind == RecomputeKind::every ? random_.between(1, layers + 2) : 1;
      job_.method.offload_checkpoints = limits_.ranks && random_.chance(25);
      job_.method.offload_optimizer = limits_.ranks && random_.chance(25);
      job_.method.offload_parameters = job_.method.offload_optimizer && random_.chance(50);
      job_.method.prefetch = limits_.ranks && random_.chance(40) ? random_.between(1, layers + 3) : 0;
    });
    job_.precision = random_.value<Precision>();
    until_accepted([&] { build_optimizer(); });
    job_.dropout = random_.chance(40);
  }

  void build_optimizer() {
    job_.optimizer = {.kind = random_.value<OptimizerKind>(),
                      .states = random_.value<StateDType>(),
                      .momentum = random_.value<Momentum>(),
                      .factored = random_.chance(50),
                      .in_backward = random_.chance(25)};
    job_.accumulate = random_.chance(35);
  }

  Random random_;
  const JobLimits& limits_;
  Job job_;
};

}  // namespace

Job random_job(std::uint64_t seed, const JobLimits& limits) { return JobBuilder(seed, limits).build(); }

Job random_inference_job(std::uint64_t seed, const JobLimits& limits) {
  return JobBuilder(seed, limits).build_inference();
}

std::string described(std::uint64_t seed, const Job& job) {
  return "seed " + std::to_string(seed) + ", job:\n" + job_to_json(job);
}

}  // namespace headroom::test

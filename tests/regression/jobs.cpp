#include "jobs.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/combination.h>

namespace headroom::test {
namespace {

struct Sizes {
  std::int64_t batch, seq, layers, query, kv, ffn, head;
};

constexpr std::array<Sizes, 7> kSizes{{
    {1, 64, 2, 16, 32, 16, 8},     // everything divides
    {2, 50, 3, 16, 24, 12, 7},     // nothing divides
    {1, 40, 1, 64, 128, 48, 100},  // one layer, chunks longer than the sequence
    {3, 33, 4, 33, 11, 33, 33},    // chunks as long as the sequence
    {1, 1, 2, 4, 4, 4, 4},         // one token
    {1, 129, 5, 128, 64, 128, 1},  // one token behind the last full chunk
    {2, 24, 7, 5, 3, 1, 5},        // chunks of a few tokens
}};

struct Style {
  const char* name;
  Norm norm;
  Positions positions;
  Activation activation;
  std::int64_t heads, kv_heads, head_dim, hidden, ffn_hidden;
  bool biases, post_norms, tied;
};

constexpr std::array<Style, 5> kStyles{{
    {"gpt", Norm::layernorm, Positions::learned, Activation::gelu, 4, 4, 8, 32, 128, true, false, true},
    {"llama", Norm::rmsnorm, Positions::rope, Activation::swiglu, 4, 2, 8, 32, 86, false, false, false},
    {"gemma", Norm::rmsnorm, Positions::rope, Activation::geglu, 2, 1, 16, 24, 96, false, true, true},
    {"gpt-rope", Norm::layernorm, Positions::rope, Activation::gelu, 1, 1, 16, 16, 64, true, false, false},
    {"wide-heads", Norm::rmsnorm, Positions::none, Activation::relu, 6, 3, 10, 20, 52, false, false, false},
}};

Transformer model_of(const Style& style, const Sizes& sizes) {
  Transformer model;
  model.name = style.name;
  model.hidden = style.hidden;
  model.vocab = 61;
  model.max_positions = 48;
  model.norm = style.norm;
  model.positions = style.positions;
  model.tied_embeddings = style.tied;
  model.head_bias = style.biases && !style.tied;
  LayerKind kind;
  kind.heads = style.heads;
  kind.kv_heads = style.kv_heads;
  kind.head_dim = style.head_dim;
  kind.ffn_hidden = style.ffn_hidden;
  kind.activation = style.activation;
  kind.qkv_bias = kind.out_bias = kind.ffn_bias = style.biases;
  kind.post_norms = style.post_norms;
  model.kinds = {kind};
  model.layer_runs = {{sizes.layers, {0}}};
  return model;
}

Chunk tokens(std::int64_t count) { return {ChunkRule::tokens, Tokens(count)}; }

/// The methods whose axes make sense together, at these chunk lengths.
std::vector<Method> methods_of(const Job& with_model, const Sizes& sizes) {
  std::vector<Method> methods;
  for (const auto& attention : values_of<Attention>()) {
    for (const auto& feed_forward : values_of<FeedForward>()) {
      for (const auto& key_values : values_of<KeyValues>()) {
        for (const auto& head : values_of<Head>()) {
          Job job = with_model;
          const std::string name =
              fmt::format("{}/{}/{}/{}", attention.name, feed_forward.name, key_values.name, head.name);
          job.method = {name,
                        attention.value,
                        feed_forward.value,
                        head.value,
                        key_values.value,
                        tokens(sizes.query),
                        tokens(sizes.kv),
                        tokens(sizes.ffn),
                        tokens(sizes.head)};
          if (is_accepted(job)) methods.push_back(job.method);
        }
      }
    }
  }
  return methods;
}

Job job_of(const Style& style, const Sizes& sizes) {
  Job job;
  job.model = model_of(style, sizes);
  job.device = budget_device(1_GiB);
  job.batch = sizes.batch;
  job.seq = Tokens(sizes.seq);
  return job;
}

/// The m-th method x recompute, with the style and the sizes whose turn it is.
Job job_in_turn(std::size_t turn, std::size_t m, const Recompute& recompute) {
  const Sizes& sizes = kSizes[turn % kSizes.size()];
  Job job = job_of(kStyles[turn % kStyles.size()], sizes);
  job.method = methods_of(job, sizes)[m];
  job.recompute = recompute;
  return job;
}

std::size_t number_of_methods() { return methods_of(job_of(kStyles[0], kSizes[0]), kSizes[0]).size(); }

void add(std::vector<NamedJob>& jobs, const Job& job) {
  jobs.push_back({fmt::format("{} {} {} {} {}", job.method.name, format_recompute(job.recompute), job.model.name,
                              name_of(job.precision), jobs.size()),
                  job});
}

/// Twice every method x recompute; how the step is trained goes round.
void add_varied(std::vector<NamedJob>& jobs) {
  constexpr int kRounds = 2;
  for (int round = 0; round < kRounds; ++round) {
    for (const Recompute& recompute : kRecomputes) {
      for (std::size_t m = 0; m < number_of_methods(); ++m) {
        const std::size_t turn = jobs.size() + static_cast<std::size_t>(round);
        Job job = job_in_turn(turn, m, recompute);
        choose_training(job, turn / 2);
        add(jobs, job);
      }
    }
  }
}

/// Every method x recompute as a job is trained by default, but for the precision and the type of the moments.
void add_common(std::vector<NamedJob>& jobs, Precision precision, StateDType states) {
  for (const Recompute& recompute : kRecomputes) {
    if (recompute.every == 3) continue;
    for (std::size_t m = 0; m < number_of_methods(); ++m) {
      Job job = job_in_turn(jobs.size(), m, recompute);
      job.precision = precision;
      job.optimizer.states = states;
      add(jobs, job);
    }
  }
}

/// What lives on the host of one rank: checkpoints, optimizer states, and what FPDT puts there; recompute x
/// feed-forward.
void add_on_host(std::vector<NamedJob>& jobs) {
  for (const SequenceDistribution sequence : {SequenceDistribution::none, SequenceDistribution::fpdt}) {
    for (const Recompute& recompute : kRecomputes) {
      for (const auto& feed_forward : values_of<FeedForward>()) {
        const std::size_t turn = jobs.size();
        Job job = styled_job(turn);
        choose_training(job, turn / 2);
        job.recompute = recompute;
        job.method.attention = Attention::flash;
        job.method.feed_forward = feed_forward.value;
        job.method.head = values_of<Head>()[turn % values_of<Head>().size()].value;
        job.method.sequence = sequence;
        job.method.offload_checkpoints =
            recompute.kind == RecomputeKind::full || recompute.kind == RecomputeKind::every;
        job.method.offload_optimizer = turn % 2 == 0 || !job.method.offload_checkpoints;
        job.method.name = fmt::format("on the host/{}/{}", name_of(sequence), feed_forward.name);
        add(jobs, job);
      }
    }
  }
}

/// Parameters that live on the host of one rank and come for their use, ahead of it or not: recompute x prefetch depth.
void add_fetched(std::vector<NamedJob>& jobs) {
  for (const Recompute& recompute : kRecomputes) {
    for (const std::int64_t prefetch : {0, 1, 2, 40}) {
      Job job = job_in_turn(jobs.size(), jobs.size() % number_of_methods(), recompute);
      choose_training(job, jobs.size() / 2);
      job.method.offload_optimizer = job.method.offload_parameters = true;
      job.method.prefetch = prefetch;
      job.method.name = fmt::format("{}/fetched/{} ahead", job.method.name, prefetch);
      add(jobs, job);
    }
  }
}

/// What optimizers keep x when they update x precision; methods, recompute and the host go round.
void add_optimizers(std::vector<NamedJob>& jobs) {
  for (const Optimizer& optimizer : kOptimizers) {
    for (const bool in_backward : {false, true}) {
      for (const auto& precision : values_of<Precision>()) {
        const std::size_t turn = jobs.size();
        Job job = job_in_turn(turn, turn % number_of_methods(), kRecomputes[turn % std::size(kRecomputes)]);
        job.precision = precision.value;
        choose_optimizer(job, optimizer);
        job.optimizer.in_backward = in_backward;
        job.accumulate = !in_backward && turn % 3 == 0;
        job.method.offload_optimizer = turn % 4 == 0;
        job.method.offload_parameters = turn % 8 == 0;
        job.method.name =
            fmt::format("{}/{}{}", job.method.name, name_of(optimizer.kind), in_backward ? " in backward" : "");
        add(jobs, job);
      }
    }
  }
}

/// The presets that need a host, as they are trained by default but for precision and the type of the moments.
void add_host_presets(std::vector<NamedJob>& jobs) {
  for (const std::string_view name : {"fpdt", "alst"}) {
    for (const RecomputeKind recompute : {RecomputeKind::full, RecomputeKind::every}) {
      for (const auto& precision : values_of<Precision>()) {
        for (const auto& states : values_of<StateDType>()) {
          Job job = styled_job(jobs.size());
          const Method chunks = job.method;
          job.method = method_preset(name).method;
          job.method.query_chunk = chunks.query_chunk;
          job.method.ffn_chunk = chunks.ffn_chunk;
          job.method.head_chunk = chunks.head_chunk;
          job.recompute = {recompute, 2};
          job.precision = precision.value;
          job.optimizer.states = states.value;
          add(jobs, job);
        }
      }
    }
  }
}

/// What layers are made of x recompute x feed-forward, and as a job is trained by default x every method.
void add_structures(std::vector<NamedJob>& jobs) {
  for (const Structure& structure : structures()) {
    const auto add_with = [&](Job job) {
      choose_structure(job, structure);
      job.method.name = fmt::format("{}/{}", structure.name, job.method.name);
      add(jobs, job);
    };
    for (const Recompute& recompute : kRecomputes) {
      for (const auto& feed_forward : values_of<FeedForward>()) {
        const std::size_t turn = jobs.size();
        Job job = styled_job(turn);
        choose_training(job, turn / 2);
        job.recompute = recompute;
        job.method.feed_forward = feed_forward.value;
        job.method.attention = values_of<Attention>()[1 + turn % 2].value;  // those that a blockwise layer takes
        job.method.head = values_of<Head>()[turn % values_of<Head>().size()].value;
        job.method.name = feed_forward.name;
        add_with(job);
      }
    }
    for (std::size_t m = 0; m < number_of_methods(); ++m) add_with(job_in_turn(jobs.size(), m, Recompute{}));
  }
}

}  // namespace

const std::vector<Structure>& structures() {
  static const std::vector<Structure> all{
      {.name = "head norms", .qk_norm = true},
      {.name = "half rotated", .rotates_half = true},
      {.name = "parallel", .residual = Residual::parallel},
      {.name = "one norm", .residual = Residual::parallel_shared_norm},
      {.name = "experts", .experts = Experts{5, 2, {}, false, false, {}}},
      {.name = "shared expert", .experts = Experts{4, 3, 24, false, true, {}}},
      {.name = "gated shared expert", .experts = Experts{8, 1, 16, true, false, {}}},
      {.name = "capacity", .experts = Experts{3, 2, 8, true, true, Rational(5, 4)}},
      {.name = "latent", .latent = LatentAttention{{}, 10, 4, 8}},
      {.name = "latents", .latent = LatentAttention{12, 20, 2, 3}},
      {.name = "latents and experts in parallel",
       .residual = Residual::parallel,
       .experts = Experts{3, 1, 8, false, false, {}},
       .latent = LatentAttention{6, 8, 2, 5}},
      {.name = "experts in parallel",
       .residual = Residual::parallel,
       .qk_norm = true,
       .experts = Experts{4, 2, 8, true, true, {}}},
      {.name = "experts behind one norm",
       .residual = Residual::parallel_shared_norm,
       .qk_norm = true,
       .rotates_half = true,
       .experts = Experts{2, 2, {}, false, true, Rational(1, 2)}}};
  return all;
}

void choose_structure(Job& job, const Structure& structure) {
  for (LayerKind& kind : job.model.kinds) {
    kind.residual = structure.residual;
    kind.post_norms = kind.post_norms && structure.residual == Residual::pre_norm;
    kind.qk_norm = structure.qk_norm;
    kind.experts = structure.experts;
    kind.latent = structure.latent;
    if (kind.latent) kind.kv_heads = kind.heads;
    kind.qkv_bias = kind.qkv_bias && !kind.latent;
    if (structure.rotates_half && job.model.positions == Positions::rope) kind.rotary_dim = (kind.head_dim + 3) / 4 * 2;
  }
}

Job styled_job(std::size_t turn) {
  const Sizes& sizes = kSizes[turn % kSizes.size()];
  Job job = job_of(kStyles[turn % kStyles.size()], sizes);
  job.method.query_chunk = tokens(sizes.query);
  job.method.kv_chunk = tokens(sizes.kv);
  job.method.ffn_chunk = tokens(sizes.ffn);
  job.method.head_chunk = tokens(sizes.head);
  return job;
}

void choose_optimizer(Job& job, const Optimizer& optimizer) {
  job.optimizer = optimizer;
  if (optimizer.states != StateDType::int8) return;
  for (LayerKind& kind : job.model.kinds) kind.ffn_hidden = 524;
}

void choose_training(Job& job, std::size_t turn) {
  const auto precisions = values_of<Precision>();
  job.precision = precisions[turn % precisions.size()].value;
  job.optimizer.kind = turn % 4 == 3 ? OptimizerKind::sgd : OptimizerKind::adamw;
  job.optimizer.states = turn % 2 == 0 ? StateDType::fp32 : StateDType::bf16;
  job.accumulate = turn % 5 == 4;
  job.dropout = turn % 3 == 1;
}

bool is_accepted(const Job& job) {
  try {
    (void)sim::check_combination(job);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

std::vector<NamedJob> regression_jobs() {
  std::vector<NamedJob> jobs;
  add_varied(jobs);
  for (const auto& precision : values_of<Precision>()) {
    for (const auto& states : values_of<StateDType>()) add_common(jobs, precision.value, states.value);
  }
  add_on_host(jobs);
  add_fetched(jobs);
  add_optimizers(jobs);
  add_host_presets(jobs);
  add_structures(jobs);
  return jobs;
}

}  // namespace headroom::test

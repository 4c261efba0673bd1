#include <headroom/sim/combination.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>

#include "narration/attention/block_scores.h"
#include "narration/plan.h"
#include "narration/ranks.h"

namespace headroom::sim {
namespace {

constexpr std::int64_t kLargestCount = std::int64_t{1} << 40;
constexpr std::int64_t kMostStages = 4096;
constexpr std::int64_t kLongestPrefetch = 1024;

/// What a description can say and the narration does not tell yet.
void refuse_untold(const LayerKind& kind) {
  const auto refuse = [](bool present, std::string_view what) {
    if (present) throw InputError(fmt::format("the model's layers have {}, which headroom cannot predict yet", what));
  };
  refuse(kind.latent && kind.latent->value_head_dim > kind.head_dim, "values wider than keys");
  refuse(kind.residual == Residual::post_norm, "norms behind the residual addition");
}

void refuse_untold(const Transformer& model) {
  for (const LayerKind& kind : model.kinds) refuse_untold(kind);
  if (!model.final_norm) throw InputError("the model has no final norm, which headroom cannot predict yet");
  if (model.embedding_width) {
    throw InputError("the model's embedding has a width of its own, which headroom cannot predict yet");
  }
}

void refuse_batch(const Job& job) {
  if (job.batch < 1 || job.batch > kLargestCount) {
    throw InputError(fmt::format("batch is {}; it must be a whole number from 1 to 2^40", job.batch));
  }
}

void refuse_chunk(const Chunk& chunk, std::string_view axis, std::initializer_list<ChunkRule> accepted) {
  for (const ChunkRule rule : accepted) {
    if (chunk.rule == rule && rule != ChunkRule::tokens) return;
  }
  if (chunk.rule != ChunkRule::tokens) {
    throw InputError(fmt::format("the {} chunk cannot follow the rule '{}'; give it as a number of tokens", axis,
                                 name_of(chunk.rule)));
  }
  if (chunk.tokens.count() < 1) {
    throw InputError(fmt::format("the {} chunk is {} tokens; it must be at least 1", axis, chunk.tokens.count()));
  }
}

void refuse_chunks(const Method& method) {
  refuse_chunk(method.query_chunk, "query", {});
  refuse_chunk(method.kv_chunk, "key-value", {});
  refuse_chunk(method.ffn_chunk, "feed-forward",
               {ChunkRule::hidden, ChunkRule::mst_code, ChunkRule::shards_of_hidden, ChunkRule::whole});
  refuse_chunk(method.head_chunk, "head",
               {ChunkRule::hidden, ChunkRule::vocab_over_hidden, ChunkRule::mst_code, ChunkRule::shards_of_hidden,
                ChunkRule::whole});
}

void refuse_axes(const Job& job) {
  const Method& method = job.method;
  if (method.feed_forward == FeedForward::blockwise && block_scores(method.attention) == BlockScores::impossible) {
    throw InputError(
        fmt::format("blockwise feed-forward is fused with attention query block by query block, but {} attention needs "
                    "all queries at once; use flash or memory-efficient attention with it",
                    name_of(method.attention)));
  }
  if (method.key_values == KeyValues::recomputed && method.feed_forward != FeedForward::blockwise) {
    throw InputError(
        "keys and values can be recomputed for each block pair only by a blockwise layer; use the bpt method or "
        "feed-forward blockwise with it");
  }
  if (job.recompute.kind == RecomputeKind::every && job.recompute.every < 1) {
    throw InputError(fmt::format("recompute every {} layers makes no sense; give at least 1", job.recompute.every));
  }
}

void refuse_degrees(const Degrees& degrees) {
  const auto refuse = [](std::string_view what, std::int64_t count) {
    if (count >= 1 && count <= kLargestCount) return;
    throw InputError(fmt::format("{} is {}; it must be a whole number from 1 to 2^40", what, count));
  };
  refuse("the number of data ranks", degrees.data);
  refuse("the number of sequence ranks", degrees.sequence);
  refuse("the number of tensor ranks", degrees.tensor);
  refuse("the number of pipeline stages", degrees.pipeline);
  refuse("the number of Ulysses ranks", degrees.ulysses);
}

void refuse_pipeline(const Job& job) {
  const std::int64_t p = job.degrees.pipeline, m = job.model_chunks, n = job.micro_batches;
  for (const auto& [what, count] :
       {std::pair("the number of model chunks", m), std::pair("the number of micro-batches", n)}) {
    if (count < 1 || count > kLargestCount) {
      throw InputError(fmt::format("{} is {}; it must be a whole number from 1 to 2^40", what, count));
    }
  }
  if (p == 1) return;
  if (p > kMostStages) {
    throw InputError(
        fmt::format("{} pipeline stages are more than the {} that can be told one by one", p, kMostStages));
  }
  if (const std::int64_t layers = layer_count(job.model); layers % checked_mul(p, m) != 0) {
    throw InputError(fmt::format("{} layers cannot be cut into equal runs for {} pipeline stages of {} model chunk{}",
                                 layers, p, m, m == 1 ? "" : "s"));
  }
  if (m > 1 && n % p != 0) {
    throw InputError(
        fmt::format("an interleaved pipeline takes micro-batches stage number by stage number: {} "
                    "micro-batches are not a multiple of {} stages",
                    n, p));
  }
}

void refuse_undistributed(const Job& job) {
  if (job.degrees.sequence == 1 || job.method.sequence != SequenceDistribution::none) return;
  throw InputError(
      fmt::format("{} ranks are to share each sequence, but the method says not how; choose sequence ring, ulysses, "
                  "ring-ulysses, lss or fpdt",
                  job.degrees.sequence));
}

void refuse_two_ways(const Job& job) {
  if (job.degrees.sequence == 1 || job.method.sequence != SequenceDistribution::megatron_sp) return;
  throw InputError(
      fmt::format("sequence megatron-sp shares each sequence over the tensor ranks: give --tensor-parallel, and not {} "
                  "sequence ranks",
                  job.degrees.sequence));
}

void refuse_ring_of_groups(const Job& job) {
  const Degrees& degrees = job.degrees;
  if (job.method.sequence != SequenceDistribution::ring_ulysses || degrees.sequence % degrees.ulysses == 0) return;
  throw InputError(fmt::format("{} Ulysses ranks do not divide the {} sequence ranks into groups", degrees.ulysses,
                               degrees.sequence));
}

/// `who` need a share of the heads each.
void refuse_heads(std::int64_t heads, std::int64_t kv_heads, std::int64_t ranks, std::string_view who,
                  std::string_view advice) {
  if (heads % ranks != 0) {
    throw InputError(fmt::format("{} {} ranks cannot share {} attention heads evenly; choose a divisor of {}{}", ranks,
                                 who, heads, heads, advice));
  }
  if (kv_heads % ranks != 0 && ranks % kv_heads != 0) {
    throw InputError(fmt::format("{} {} ranks neither divide the {} key-value heads nor are a multiple of them", ranks,
                                 who, kv_heads));
  }
}

void refuse_parts(const LayerKind& kind, const Ranks& ranks) {
  refuse_heads(kind.heads, kind.kv_heads, ranks.tensor, "tensor", "");
  if (kind.ffn_hidden % ranks.tensor != 0) {
    throw InputError(
        fmt::format("{} tensor ranks cannot share a feed-forward width of {} evenly", ranks.tensor, kind.ffn_hidden));
  }
  if (kind.experts && kind.experts->shared_hidden.value_or(0) % ranks.tensor != 0) {
    throw InputError(fmt::format("{} tensor ranks cannot share the shared expert's width of {} evenly", ranks.tensor,
                                 *kind.experts->shared_hidden));
  }
  const LayerPart part(ranks, kind);
  refuse_heads(part.heads, part.kv_heads, ranks.heads, "Ulysses", ", or ring");
}

void refuse_offload(const Job& job) {
  const bool has_checkpoints = job.recompute.kind == RecomputeKind::full || job.recompute.kind == RecomputeKind::every;
  if (job.method.offload_checkpoints && !has_checkpoints) {
    throw InputError(
        fmt::format("recompute {} has no checkpoints to offload; use recompute full or every:K with "
                    "offload-checkpoints",
                    name_of(job.recompute.kind)));
  }
  if (job.nodes < 1 || job.nodes > kLargestCount) {
    throw InputError(fmt::format("the number of nodes is {}; it must be a whole number from 1 to 2^40", job.nodes));
  }
  if (job.host_memory && job.host_memory->count() < 1) {
    throw InputError(fmt::format("host memory is {} bytes; it must be positive", job.host_memory->count()));
  }
}

void refuse_offloaded_parameters(const Job& job) {
  if (!job.method.offload_parameters) return;
  if (!job.method.offload_optimizer) {
    throw InputError(
        "offload-parameters needs offload-optimizer: a parameter on the host is updated there, with its "
        "states");
  }
  const StateSharding sharding = Ranks(job).sharding;
  if (sharding == StateSharding::zero1 || sharding == StateSharding::zero2) {
    throw InputError(
        fmt::format("under sharding {} every rank would have all parameters on the host; use zero3 with "
                    "offload-parameters",
                    name_of(sharding)));
  }
}

void refuse_prefetch(const Job& job) {
  const std::int64_t depth = job.method.prefetch;
  if (depth < 0 || depth > kLongestPrefetch) {
    throw InputError(
        fmt::format("the prefetch depth is {}; it must be a whole number from 0 to {}", depth, kLongestPrefetch));
  }
  if (depth > 0 && job.degrees.pipeline > 1) {
    throw InputError("the stages of a pipeline do not prefetch parameters; give --prefetch 0, or one stage");
  }
}

void refuse_optimizer(const Job& job) {
  const Optimizer& optimizer = job.optimizer;
  if (optimizer.in_backward && job.accumulate) {
    throw InputError(
        "update-in-backward frees each gradient in its micro-batch, and so leaves nothing to accumulate; take one of "
        "the two");
  }
  if (optimizer.in_backward && job.degrees.pipeline > 1) {
    throw InputError("update-in-backward does not go with the micro-batches of a pipeline");
  }
  if (optimizer.kind != OptimizerKind::adafactor || !optimizer.factored) return;
  const auto has_experts = [](const LayerKind& kind) { return kind.experts.has_value(); };
  if (std::any_of(job.model.kinds.begin(), job.model.kinds.end(), has_experts)) {
    throw InputError(
        "factored Adafactor averages rows and columns of one matrix, and the experts of a layer have their matrices in "
        "one tensor; use factored false with experts");
  }
  const Ranks ranks(job);
  if (ranks.sharding != StateSharding::none || ranks.tensor > 1) {
    throw InputError(
        "the averages of factored Adafactor are of whole matrices, which sharded states and tensor ranks cut; use "
        "sharding none without tensor ranks, or factored false");
  }
}

void refuse_fpdt(const Job& job) {
  if (job.method.sequence != SequenceDistribution::fpdt) return;
  for (const LayerKind& kind : job.model.kinds) {
    if (kind.residual != Residual::pre_norm) {
      throw InputError(
          "sequence fpdt finishes attention chunk by chunk before the feed-forward starts, but the model's layers have "
          "both in parallel; use another method");
    }
    if (kind.latent) throw InputError("sequence fpdt does not know latent attention; use another method");
  }
  if (job.method.attention != Attention::flash) {
    throw InputError(fmt::format("sequence fpdt takes key chunks one by one, which needs attention flash, not {}",
                                 name_of(job.method.attention)));
  }
  if (const Tokens chunk = job.method.query_chunk.tokens; chunk.count() % job.degrees.sequence != 0) {
    throw InputError(
        fmt::format("sequence fpdt shares out every chunk of {} tokens, the query chunk, among the {} "
                    "sequence ranks, which do not divide it",
                    chunk.count(), job.degrees.sequence));
  }
}

void refuse_distribution(const Job& job) {
  refuse_degrees(job.degrees);
  (void)rank_count(job.degrees);
  refuse_pipeline(job);
  refuse_undistributed(job);
  refuse_two_ways(job);
  refuse_ring_of_groups(job);
  const Ranks ranks(job);
  for (const LayerKind& kind : job.model.kinds) refuse_parts(kind, ranks);
  if (ranks.ring > 1 && job.method.attention != Attention::flash) {
    throw InputError(
        fmt::format("keys that pass on a ring need attention flash, whose score tiles stay in the "
                    "kernel's workspace, not {}",
                    name_of(job.method.attention)));
  }
  refuse_fpdt(job);
  refuse_offloaded_parameters(job);
  refuse_prefetch(job);
  refuse_optimizer(job);
  const bool finishes_attention_first = ranks.runs > 1 || job.method.sequence == SequenceDistribution::fpdt;
  if (finishes_attention_first && job.method.key_values == KeyValues::recomputed) {
    throw InputError("keys and values of a distributed sequence cannot be recomputed block by block; keep them");
  }
}

/// What a pass of inference does not know.
void refuse_inference(const Job& job) {
  if (job.mode != Mode::inference) return;
  const auto refuse = [](bool present, std::string_view what, std::string_view advice) {
    if (present) throw InputError(fmt::format("headroom does not predict inference {}; {}", what, advice));
  };
  const Ranks ranks(job);
  refuse(job.method.sequence != SequenceDistribution::none,
         fmt::format("with sequence {}", name_of(job.method.sequence)),
         "use tensor ranks and a method that shares no sequences, such as flash");
  refuse(job.degrees.pipeline > 1, "in a pipeline", "use tensor ranks");
  refuse(ranks.sharding != StateSharding::none, "with sharded parameters", "use sharding none, and tensor ranks");
  refuse(uses_host(job.method), "with what is offloaded", "keep it on the device");
  refuse(job.method.key_values == KeyValues::recomputed, "with recomputed keys and values", "the cache keeps them");
  const auto has_window_of_latents = [](const LayerKind& kind) { return kind.latent && kind.window; };
  refuse(std::any_of(job.model.kinds.begin(), job.model.kinds.end(), has_window_of_latents),
         "with windows over latent attention", "take the window out of the model's description");
  if (job.inference.prefill_batch < 1 || job.inference.prefill_batch > kLargestCount) {
    throw InputError(
        fmt::format("the prefill batch is {}; it must be a whole number from 1 to 2^40", job.inference.prefill_batch));
  }
  refuse_chunk(job.inference.prefill_chunk, "prefill", {ChunkRule::whole});
}

std::vector<std::string> void_distribution(const Job& job) {
  std::vector<std::string> warnings;
  if (job.method.offload_optimizer && !job.method.offload_parameters && !has_optimizer_states(job)) {
    warnings.push_back("offload-optimizer moves nothing: the optimizer has no states");
  }
  const bool parameters_come = job.method.offload_parameters || Ranks(job).sharding == StateSharding::zero3;
  if (job.method.prefetch > 0 && !parameters_come) {
    warnings.push_back("prefetch brings nothing: parameters stay on the device without zero3 or offload-parameters");
  }
  const bool acts_alone =
      job.method.sequence == SequenceDistribution::none || job.method.sequence == SequenceDistribution::fpdt;
  if (token_runs(job) == 1 && !acts_alone) {
    const bool is_megatron = job.method.sequence == SequenceDistribution::megatron_sp;
    warnings.push_back(fmt::format("sequence {} distributes nothing over one rank; give {}",
                                   name_of(job.method.sequence),
                                   is_megatron ? "--tensor-parallel" : "--sequence-parallel"));
  }
  if (state_ranks(job.degrees) == 1 && job.method.sharding != StateSharding::none) {
    warnings.push_back(
        fmt::format("sharding {} shares nothing out on one rank; give --data-parallel or "
                    "--sequence-parallel",
                    name_of(job.method.sharding)));
  }
  return warnings;
}

}  // namespace

std::vector<std::string> check_combination(const Job& described) {
  const Job job = as_run(described);
  validate(job.model);
  validate(job.device);
  refuse_untold(job.model);
  refuse_batch(job);
  refuse_chunks(job.method);
  refuse_axes(job);
  refuse_distribution(job);
  refuse_offload(job);
  refuse_inference(job);
  std::vector<std::string> warnings = void_distribution(job);
  if (job.recompute.kind == RecomputeKind::selective && job.method.attention != Attention::vanilla) {
    warnings.push_back(fmt::format("selective recompute saves nothing here: {} attention keeps no scores to begin with",
                                   name_of(job.method.attention)));
  }
  if (job.recompute.kind == RecomputeKind::every && job.recompute.every > layer_count(job.model)) {
    warnings.push_back(fmt::format("recompute every {} layers keeps one checkpoint: the model has {} layers",
                                   job.recompute.every, layer_count(job.model)));
  }
  return warnings;
}

}  // namespace headroom::sim

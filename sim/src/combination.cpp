#include <headroom/sim/combination.h>

#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "narration/attention/block_scores.h"

namespace headroom::sim {
namespace {

constexpr std::int64_t kLargestCount = std::int64_t{1} << 40;

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
  refuse_chunk(method.ffn_chunk, "feed-forward", {ChunkRule::hidden, ChunkRule::mst_code, ChunkRule::shards_of_hidden});
  refuse_chunk(method.head_chunk, "head",
               {ChunkRule::hidden, ChunkRule::vocab_over_hidden, ChunkRule::mst_code, ChunkRule::shards_of_hidden});
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

}  // namespace

std::vector<std::string> check_combination(const Job& job) {
  validate(job.model);
  validate(job.device);
  refuse_batch(job);
  refuse_chunks(job.method);
  refuse_axes(job);
  std::vector<std::string> warnings;
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

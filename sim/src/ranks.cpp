#include "narration/ranks.h"

#include <algorithm>

#include <headroom/models/checked.h>

namespace headroom::sim {
namespace {

constexpr PartSymbols kParts{"a/t", "k/t", "f/t", "v/t", "F/t"};
constexpr PartSymbols kPartsOfOneKeyHead{"a/t", "1", "f/t", "v/t", "F/t"};

}  // namespace

Ranks::Ranks(const Job& job)
    : runs(token_runs(job)),
      states(state_ranks(job.degrees)),
      tensor(job.degrees.tensor),
      splits_tokens(job.method.sequence == SequenceDistribution::megatron_sp && runs > 1) {
  if (states > 1) sharding = job.method.sharding;
  const bool acts_alone = job.method.sequence == SequenceDistribution::fpdt;
  if ((runs == 1 && !acts_alone) || splits_tokens) return;
  sequence = job.method.sequence;
  if (sequence == SequenceDistribution::ulysses || sequence == SequenceDistribution::fpdt) heads = runs;
  if (sequence == SequenceDistribution::ring_ulysses) heads = job.degrees.ulysses;
  if (sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses) ring = runs / heads;
  if (sequence != SequenceDistribution::ring_ulysses) return;
  if (heads == 1) sequence = SequenceDistribution::ring;
  if (ring == 1) sequence = SequenceDistribution::ulysses;
}

std::int64_t Ranks::shard(std::int64_t elements) const { return ceil_div(elements, states); }

std::int64_t Ranks::sharers(std::int64_t kv_heads) const { return std::max<std::int64_t>(tensor / kv_heads, 1); }

LayerPart::LayerPart(const Ranks& ranks, const LayerKind& kind)
    : heads(kind.heads / ranks.tensor),
      kv_heads(std::max<std::int64_t>(kind.kv_heads / ranks.tensor, 1)),
      ffn_hidden(kind.ffn_hidden / ranks.tensor),
      shared_hidden(kind.experts ? kind.experts->shared_hidden.value_or(0) / ranks.tensor : 0),
      symbols(ranks.tensor == 1              ? nullptr
              : kind.kv_heads < ranks.tensor ? &kPartsOfOneKeyHead
                                             : &kParts) {}

std::int64_t vocabulary_part(const Ranks& ranks, const Transformer& model) {
  return ceil_div(model.vocab, ranks.tensor);
}

const PartSymbols* vocabulary_symbols(const Ranks& ranks) { return ranks.tensor == 1 ? nullptr : &kParts; }

Method method_on(const Ranks& ranks, Method method) {
  const bool finishes_attention_first = ranks.runs > 1 || ranks.sequence == SequenceDistribution::fpdt;
  if (!finishes_attention_first || method.feed_forward != FeedForward::blockwise) return method;
  method.feed_forward = FeedForward::chunked;
  method.ffn_chunk = method.query_chunk;
  return method;
}

}  // namespace headroom::sim

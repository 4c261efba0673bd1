#include "narration/ranks.h"

#include <headroom/models/checked.h>

namespace headroom::sim {

Ranks::Ranks(const Job& job) : runs(job.degrees.sequence), states(rank_count(job.degrees)) {
  if (states > 1) sharding = job.method.sharding;
  if (runs == 1) return;
  sequence = job.method.sequence;
  if (sequence == SequenceDistribution::ulysses) heads = runs;
  if (sequence == SequenceDistribution::ring_ulysses) heads = job.degrees.ulysses;
  if (sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses) ring = runs / heads;
  if (sequence != SequenceDistribution::ring_ulysses) return;
  if (heads == 1) sequence = SequenceDistribution::ring;
  if (ring == 1) sequence = SequenceDistribution::ulysses;
}

std::int64_t Ranks::shard(std::int64_t elements) const { return ceil_div(elements, states); }

Method method_on(const Ranks& ranks, Method method) {
  if (ranks.runs == 1 || method.feed_forward != FeedForward::blockwise) return method;
  method.feed_forward = FeedForward::chunked;
  method.ffn_chunk = method.query_chunk;
  return method;
}

}  // namespace headroom::sim

#include "distributed_cores.h"

namespace headroom::measure {
namespace {

const AttentionCore& innermost(const Job& job) {
  return place_of(job, 0).passes_keys ? ring_core() : attention_core(job.method.attention);
}

}  // namespace

CoreOfJob::CoreOfJob(const Job& job) : inner_(innermost(job)) {
  const RankPlace place = place_of(job, 0);
  if (place.ulysses_ranks > 1) outer_ = ulysses_core(inner_);
  if (place.shares_sequence() && job.method.sequence == SequenceDistribution::lss) outer_ = lss_core(inner_);
}

}  // namespace headroom::measure

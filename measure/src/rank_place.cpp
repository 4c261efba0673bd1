#include <headroom/measure/rank_place.h>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::measure {
namespace {

std::int64_t ulysses_ranks(const Job& job) {
  if (job.degrees.sequence == 1) return 1;
  if (job.method.sequence == SequenceDistribution::ulysses) return job.degrees.sequence;
  return job.method.sequence == SequenceDistribution::ring_ulysses ? job.degrees.ulysses : 1;
}

bool has_ring(const Job& job) {
  const SequenceDistribution sequence = job.method.sequence;
  return sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses;
}

void require_degrees(const Job& job) {
  const Degrees& degrees = job.degrees;
  if (degrees.data < 1 || degrees.sequence < 1 || degrees.ulysses < 1) {
    throw InputError(
        fmt::format("degrees must be at least 1: data_parallel is {}, sequence_parallel {}, "
                    "ulysses_parallel {}",
                    degrees.data, degrees.sequence, degrees.ulysses));
  }
}

void require_heads(const Job& job, const LayerKind& kind) {
  const std::int64_t ranks = ulysses_ranks(job);
  if (kind.heads % ranks != 0) {
    throw InputError(
        fmt::format("{} ranks exchange heads, and {} query heads cannot be shared out among them", ranks, kind.heads));
  }
  if (kind.kv_heads % ranks == 0 || ranks % kind.kv_heads == 0) return;
  throw InputError(fmt::format("{} ranks exchange heads: they must divide the {} key heads or be divided by them",
                               ranks, kind.kv_heads));
}

void require_ring(const Job& job) {
  if (job.method.attention != Attention::flash) {
    throw InputError("a ring needs attention 'flash': keys pass by block after block");
  }
  if (job.method.sequence == SequenceDistribution::ring_ulysses && job.degrees.sequence % job.degrees.ulysses != 0) {
    throw InputError(fmt::format("ulysses_parallel {} does not divide sequence_parallel {}", job.degrees.ulysses,
                                 job.degrees.sequence));
  }
}

void require_shared_sequence(const Job& job) {
  const std::int64_t ranks = job.degrees.sequence, seq = job.seq.count();
  if (job.method.sequence == SequenceDistribution::none) {
    throw InputError(
        fmt::format("sequence_parallel is {}, and the method does not say how ranks share a sequence: "
                    "give its key 'sequence'",
                    ranks));
  }
  if (seq % ranks != 0) {
    throw InputError(fmt::format("a sequence of {} tokens cannot be shared out equally among {} ranks", seq, ranks));
  }
  if (job.method.feed_forward == FeedForward::blockwise && job.method.key_values == KeyValues::recomputed) {
    throw InputError("keys and values cannot be recomputed where ranks share a sequence: give key_values 'kept'");
  }
  if (has_ring(job)) require_ring(job);
  for (const LayerKind& kind : job.model.kinds) require_heads(job, kind);
}

}  // namespace

RankPlace place_of(const Job& job, std::int64_t rank) {
  const std::int64_t sequence_ranks = job.degrees.sequence;
  RankPlace place;
  place.ranks = rank_count(job.degrees);
  place.data_ranks = job.degrees.data;
  place.sequence_ranks = sequence_ranks;
  place.ulysses_ranks = ulysses_ranks(job);
  place.passes_keys = has_ring(job) && sequence_ranks > place.ulysses_ranks;
  place.data_rank = rank / sequence_ranks;
  place.sequence_rank = rank % sequence_ranks;
  const std::int64_t tokens = job.seq.count() / sequence_ranks;
  place.tokens = {place.sequence_rank * tokens, tokens};
  return place;
}

void require_ranks(const Job& job, std::int64_t ranks) {
  require_degrees(job);
  if (rank_count(job.degrees) != ranks) {
    throw InputError(
        fmt::format("the job is for {} ranks (data_parallel {} times sequence_parallel {}), not for {}: "
                    "headroom-measure-mpi starts as many as a job says",
                    rank_count(job.degrees), job.degrees.data, job.degrees.sequence, ranks));
  }
  if (job.degrees.sequence > 1) require_shared_sequence(job);
}

}  // namespace headroom::measure

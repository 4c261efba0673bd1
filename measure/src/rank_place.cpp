#include <headroom/measure/rank_place.h>

#include <fmt/format.h>

#include <headroom/measure/chunks.h>
#include <headroom/measure/weights.h>
#include <headroom/models/error.h>

namespace headroom::measure {
namespace {

bool has_fpdt(const Job& job) { return job.method.sequence == SequenceDistribution::fpdt; }

std::int64_t ulysses_ranks(const Job& job) {
  if (job.degrees.sequence == 1) return 1;
  if (job.method.sequence == SequenceDistribution::ulysses || has_fpdt(job)) return job.degrees.sequence;
  return job.method.sequence == SequenceDistribution::ring_ulysses ? job.degrees.ulysses : 1;
}

bool has_ring(const Job& job) {
  const SequenceDistribution sequence = job.method.sequence;
  return sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses;
}

bool has_megatron_sp(const Job& job) { return job.method.sequence == SequenceDistribution::megatron_sp; }

void require_degrees(const Job& job) {
  const Degrees& degrees = job.degrees;
  if (degrees.data < 1 || degrees.sequence < 1 || degrees.tensor < 1 || degrees.ulysses < 1) {
    throw InputError(
        fmt::format("degrees must be at least 1: data_parallel is {}, sequence_parallel {}, tensor_parallel {}, "
                    "ulysses_parallel {}",
                    degrees.data, degrees.sequence, degrees.tensor, degrees.ulysses));
  }
}

void require_equal_runs(const Job& job, std::int64_t ranks) {
  const std::int64_t seq = job.seq.count();
  if (seq % ranks == 0) return;
  throw InputError(fmt::format("a sequence of {} tokens cannot be shared out equally among {} ranks", seq, ranks));
}

void require_kept_keys(const Job& job) {
  if (job.method.feed_forward != FeedForward::blockwise || job.method.key_values == KeyValues::kept) return;
  throw InputError("keys and values cannot be recomputed where ranks share a sequence: give key_values 'kept'");
}

/// `kind` has the heads that are exchanged.
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
  const std::int64_t ranks = job.degrees.sequence;
  if (has_megatron_sp(job)) {
    throw InputError(fmt::format(
        "sequence_parallel is {}, and the method 'megatron-sp' shares each sequence among the tensor ranks: "
        "give tensor_parallel instead",
        ranks));
  }
  if (job.method.sequence == SequenceDistribution::none) {
    throw InputError(
        fmt::format("sequence_parallel is {}, and the method does not say how ranks share a sequence: "
                    "give its key 'sequence'",
                    ranks));
  }
  require_equal_runs(job, ranks);
  require_kept_keys(job);
  if (has_ring(job)) require_ring(job);
  const Transformer part = part_of_model(job.model, job.degrees.tensor);
  for (const LayerKind& kind : part.kinds) require_heads(job, kind);
}

/// On one rank too.
void require_fpdt(const Job& job) {
  const std::int64_t ranks = job.degrees.sequence, chunk = chunks_of(job).query;
  if (job.method.attention != Attention::flash) {
    throw InputError("FPDT needs attention 'flash': key chunks come from the host one by one");
  }
  if (job.method.feed_forward == FeedForward::blockwise && job.method.key_values == KeyValues::recomputed) {
    throw InputError("keys and values cannot be recomputed where FPDT has them on the host: give key_values 'kept'");
  }
  if (chunk % ranks == 0) return;
  throw InputError(fmt::format("a query chunk of {} tokens cannot be shared out equally among {} ranks", chunk, ranks));
}

void require_shared_matrices(const LayerKind& kind, std::int64_t ranks) {
  if (kind.heads % ranks != 0) {
    throw InputError(
        fmt::format("{} query heads cannot be shared out equally among {} tensor ranks", kind.heads, ranks));
  }
  if (kind.kv_heads % ranks != 0 && ranks % kind.kv_heads != 0) {
    throw InputError(
        fmt::format("{} tensor ranks must divide the {} key heads or be divided by them", ranks, kind.kv_heads));
  }
  if (kind.ffn_hidden % ranks != 0) {
    throw InputError(fmt::format("a feed-forward {} wide cannot be shared out equally among {} tensor ranks",
                                 kind.ffn_hidden, ranks));
  }
  if (kind.experts && kind.experts->shared_hidden.value_or(0) % ranks != 0) {
    throw InputError(fmt::format("a shared expert {} wide cannot be shared out equally among {} tensor ranks",
                                 *kind.experts->shared_hidden, ranks));
  }
}

void require_tensor_parts(const Job& job) {
  const std::int64_t ranks = job.degrees.tensor;
  for (const LayerKind& kind : job.model.kinds) require_shared_matrices(kind, ranks);
  if (!has_megatron_sp(job)) return;
  require_equal_runs(job, ranks);
  require_kept_keys(job);
}

}  // namespace

RankPlace place_of(const Job& job, std::int64_t rank) {
  const Degrees& degrees = job.degrees;
  RankPlace place;
  place.ranks = rank_count(degrees);
  place.data_ranks = degrees.data;
  place.sequence_ranks = degrees.sequence;
  place.tensor_ranks = degrees.tensor;
  place.ulysses_ranks = ulysses_ranks(job);
  place.passes_keys = has_ring(job) && degrees.sequence > place.ulysses_ranks;
  place.tensor_rank = rank % degrees.tensor;
  place.sequence_rank = rank / degrees.tensor % degrees.sequence;
  place.data_rank = rank / degrees.tensor / degrees.sequence;
  const std::int64_t tokens = job.seq.count() / degrees.sequence;
  const std::int64_t first = place.sequence_rank * tokens;
  place.tokens = place.product_tokens = TokenRun(Rows{first, tokens});
  if (has_fpdt(job)) {
    place.tokens = place.product_tokens =
        TokenRun::of_chunks(job.seq.count(), chunks_of(job).query, place.sequence_rank, degrees.sequence);
  }
  if (has_megatron_sp(job)) {
    const std::int64_t own = tokens / degrees.tensor;
    place.tokens = TokenRun(Rows{first + place.tensor_rank * own, own});
  }
  return place;
}

void require_ranks(const Job& job, std::int64_t ranks) {
  require_degrees(job);
  if (job.degrees.pipeline > 1) {
    throw InputError(
        fmt::format("pipeline_parallel is {}: pipelines are predicted, not run yet", job.degrees.pipeline));
  }
  if (rank_count(job.degrees) != ranks) {
    throw InputError(
        fmt::format("the job is for {} ranks (data_parallel {} times sequence_parallel {} times tensor_parallel {}), "
                    "not for {}: headroom-measure-mpi starts as many as a job says",
                    rank_count(job.degrees), job.degrees.data, job.degrees.sequence, job.degrees.tensor, ranks));
  }
  if (job.degrees.tensor > 1) require_tensor_parts(job);
  if (job.degrees.sequence > 1) require_shared_sequence(job);
  if (has_fpdt(job)) require_fpdt(job);
}

}  // namespace headroom::measure

#pragma once

#include <cstdint>

#include <headroom/models/job.h>

namespace headroom::sim {

/// The ranks of a job as far as one of them is concerned (docs/runtime.md section 10): a degree of one distributes
/// nothing, whatever the method's axes say.
struct Ranks {
  explicit Ranks(const Job& job);

  SequenceDistribution sequence = SequenceDistribution::none;
  StateSharding sharding = StateSharding::none;
  std::int64_t runs = 1;    ///< N: a sequence is cut into so many runs of tokens
  std::int64_t heads = 1;   ///< ranks that exchange heads for tokens: N with Ulysses, U with ring x Ulysses
  std::int64_t ring = 1;    ///< places of the ring
  std::int64_t states = 1;  ///< D * N: ranks that share the model's states

  /// Elements of a shard of a tensor of `elements`.
  [[nodiscard]] std::int64_t shard(std::int64_t elements) const;
};

/// The method as the ranks of the job run it: on several sequence ranks a blockwise layer finishes attention first and
/// runs its feed-forward in query blocks.
[[nodiscard]] Method method_on(const Ranks& ranks, Method method);

}  // namespace headroom::sim

#pragma once

#include <cstdint>

#include <headroom/models/job.h>
#include <headroom/sim/part_symbols.h>

namespace headroom::sim {

/// The ranks of a job as far as one of them is concerned (docs/runtime.md section 10): a degree of one distributes
/// nothing, whatever the method's axes say.
struct Ranks {
  explicit Ranks(const Job& job);

  SequenceDistribution sequence = SequenceDistribution::none;  ///< of the attention core
  StateSharding sharding = StateSharding::none;
  std::int64_t runs = 1;       ///< a sequence is cut into so many runs of tokens: N, or t under Megatron-SP
  std::int64_t heads = 1;      ///< ranks that exchange heads for tokens: N with Ulysses, U with ring x Ulysses
  std::int64_t ring = 1;       ///< places of the ring
  std::int64_t states = 1;     ///< D * N: ranks that share the model's states, or their part of them
  std::int64_t tensor = 1;     ///< t: ranks that share each parameter matrix
  bool splits_tokens = false;  ///< Megatron-SP: the tensor ranks have runs of tokens outside the products

  /// Elements of a shard of a tensor of `elements`.
  [[nodiscard]] std::int64_t shard(std::int64_t elements) const;
  /// Tensor ranks that have the same one of `kv_heads` key heads: 1 unless there are fewer heads than ranks.
  [[nodiscard]] std::int64_t sharers(std::int64_t kv_heads) const;
};

/// A rank's part of one layer kind, between its norms.
struct LayerPart {
  LayerPart(const Ranks& ranks, const LayerKind& kind);

  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t ffn_hidden;
  std::int64_t shared_hidden;  ///< 0: no shared expert
  const PartSymbols* symbols;  ///< null: the rank has all
};

/// Entries of the vocabulary that a rank has, padding among them.
[[nodiscard]] std::int64_t vocabulary_part(const Ranks& ranks, const Transformer& model);
/// Null: the rank has all.
[[nodiscard]] const PartSymbols* vocabulary_symbols(const Ranks& ranks);

/// The method as the ranks of the job run it: where a sequence is shared, a blockwise layer finishes attention first
/// and runs its feed-forward in query blocks.
[[nodiscard]] Method method_on(const Ranks& ranks, Method method);

}  // namespace headroom::sim

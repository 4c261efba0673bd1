#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include <headroom/models/job.h>

namespace headroom::sim {

/// The choices of a job of which each combination is measured or not, and what its layers are made of. Sizes and the
/// rest of the model's style are not among them.
struct Axes {
  Attention attention{};
  FeedForward feed_forward{};
  KeyValues key_values{};
  Head head{};
  RecomputeKind recompute{};
  Precision precision{};
  OptimizerKind optimizer{};
  StateDType states{};  ///< of AdamW; else fp32
  bool accumulate = false;
  bool dropout = false;
  SequenceDistribution sequence{};  ///< none where one rank has whole sequences
  StateSharding sharding{};         ///< none where one rank has all states
  bool tensor_parallel = false;     ///< ranks share parameter matrices
  bool pipeline_parallel = false;   ///< stages share the layers
  bool offload_checkpoints = false;
  bool offload_optimizer = false;
  bool offload_parameters = false;
  bool prefetch = false;  ///< parameters come, and ahead of their use
  Momentum momentum{};    ///< none where the optimizer has no choice
  bool factored = false;  ///< Adafactor's second moment
  bool in_backward = false;
  bool experts = false;         ///< some layer has them
  bool qk_norm = false;         ///< some layer norms queries and keys
  bool parallel = false;        ///< some layer has attention and feed-forward in parallel
  bool latent = false;          ///< some layer has latent attention
  Mode mode{};                  ///< inference has no choices of training
  CacheType cache{};            ///< compute where the cache has the compute dtype
  bool prefill_chunks = false;  ///< prompts are read in chunks
  bool rings = false;           ///< of inference: some layer has a window

  auto operator<=>(const Axes&) const = default;
};

/// A combination and how many measured jobs of it agreed with their predictions, total and categories to the byte.
struct VerifiedRow {
  Axes axes;
  std::int64_t count = 0;

  bool operator==(const VerifiedRow&) const = default;
};

[[nodiscard]] Axes axes_of(const Job& job);

/// What the regression has verified on the host backend, sorted by axes.
[[nodiscard]] std::span<const VerifiedRow> verified_rows();

}  // namespace headroom::sim

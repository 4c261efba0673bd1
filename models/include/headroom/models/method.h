#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <headroom/models/named.h>
#include <headroom/models/tokens.h>

namespace headroom {

enum class Attention : std::uint8_t { vanilla, memory_efficient, flash };
enum class FeedForward : std::uint8_t { whole, chunked, blockwise };
enum class Head : std::uint8_t { dense_fp32, dense, chunked, fused };
enum class KeyValues : std::uint8_t { kept, recomputed };
/// How the ranks of a job share each sequence (docs/runtime.md sections 10.1 and, for Megatron-SP, 10.3).
enum class SequenceDistribution : std::uint8_t { none, ring, ulysses, ring_ulysses, lss, megatron_sp, fpdt };
/// Which of the model's states the ranks share out (Rajbhandari et al., arXiv 1910.02054 section 5).
enum class StateSharding : std::uint8_t { none, zero1, zero2, zero3 };
enum class RecomputeKind : std::uint8_t { none, selective, full, every };
enum class ChunkRule : std::uint8_t { tokens, hidden, vocab_over_hidden, mst_code, shards_of_hidden, whole };

template <>
std::span<const Named<Attention>> values_of<Attention>();
template <>
std::span<const Named<FeedForward>> values_of<FeedForward>();
template <>
std::span<const Named<Head>> values_of<Head>();
template <>
std::span<const Named<KeyValues>> values_of<KeyValues>();
template <>
std::span<const Named<SequenceDistribution>> values_of<SequenceDistribution>();
template <>
std::span<const Named<StateSharding>> values_of<StateSharding>();
template <>
std::span<const Named<RecomputeKind>> values_of<RecomputeKind>();
template <>
std::span<const Named<ChunkRule>> values_of<ChunkRule>();

/// What the forward pass keeps for backward. `every` keeps the input of every k-th layer; full is every 1.
struct Recompute {
  RecomputeKind kind = RecomputeKind::none;
  std::int64_t every = 1;  ///< k, read only for RecomputeKind::every

  bool operator==(const Recompute&) const = default;
};

/// A chunk length: explicit tokens, or a named rule that the model and the sequence turn into tokens (sim/chunks.h).
struct Chunk {
  ChunkRule rule = ChunkRule::tokens;
  Tokens tokens{0};  ///< read only for ChunkRule::tokens

  bool operator==(const Chunk&) const = default;
};

/// A way to compute a step: one choice per axis. A preset names a combination; any axis can be overridden.
struct Method {
  std::string name;  ///< the preset it started from
  Attention attention = Attention::vanilla;
  FeedForward feed_forward = FeedForward::whole;
  Head head = Head::dense_fp32;
  KeyValues key_values = KeyValues::kept;  ///< blockwise only: K and V at full length, or again for each block pair
  Chunk query_chunk;                       ///< c_q: memory-efficient attention, blockwise layers
  Chunk kv_chunk;                          ///< c_kv: the same
  Chunk ffn_chunk;                         ///< c_f: chunked feed-forward
  Chunk head_chunk;                        ///< c_v: chunked and fused heads
  SequenceDistribution sequence = SequenceDistribution::none;  ///< how several sequence ranks share a sequence
  StateSharding sharding = StateSharding::none;                ///< over all ranks
  bool offload_checkpoints = false;                            ///< checkpoints of recomputed segments live on the host
  bool offload_optimizer = false;   ///< moments and master copies live on the host, which updates parameters
  bool offload_parameters = false;  ///< so do parameters, which come to the device unit by unit
  std::int64_t prefetch = 0;  ///< units whose parameters come ahead of their use: from their ranks, or from the host

  bool operator==(const Method&) const = default;
};

/// A preset with what a reader wants to know of it.
struct MethodPreset {
  Method method;
  std::string summary;  ///< one line
  std::string source;   ///< paper and section
};

}  // namespace headroom

#pragma once

#include <cstdint>
#include <optional>

#include <headroom/models/device.h>
#include <headroom/models/dtype.h>
#include <headroom/models/method.h>
#include <headroom/models/named.h>
#include <headroom/models/tokens.h>
#include <headroom/models/transformer.h>

namespace headroom {

/// fp32: everything fp32. bf16_mixed: bf16 parameters, gradients and activations, fp32 master weights beside the
/// optimizer's states. bf16: no master weights.
enum class Precision : std::uint8_t { fp32, bf16_mixed, bf16 };
/// training: one step. inference: prompts are read and tokens written behind them (docs/runtime.md section 13).
enum class Mode : std::uint8_t { training, inference };
/// Type of the KV cache; compute: that of activations. fp8: one byte an element, a scale a tensor.
enum class CacheType : std::uint8_t { compute, fp32, bf16, fp8 };
enum class OptimizerKind : std::uint8_t { adamw, adafactor, sgd };
/// int8: block-wise scaled (Dettmers et al., arXiv 2110.02861).
enum class StateDType : std::uint8_t { fp32, bf16, int8 };
enum class Momentum : std::uint8_t { none, fp32, bf16 };

template <>
std::span<const Named<Precision>> values_of<Precision>();
template <>
std::span<const Named<Mode>> values_of<Mode>();
template <>
std::span<const Named<CacheType>> values_of<CacheType>();
template <>
std::span<const Named<OptimizerKind>> values_of<OptimizerKind>();
template <>
std::span<const Named<StateDType>> values_of<StateDType>();
template <>
std::span<const Named<Momentum>> values_of<Momentum>();

/// Type of parameters, gradients and activations.
[[nodiscard]] constexpr DType compute_dtype(Precision p) { return p == Precision::fp32 ? DType::fp32 : DType::bf16; }

/// How many ranks share the work, by what they share.
struct Degrees {
  std::int64_t data = 1;      ///< D: groups of ranks, each with sequences of its own
  std::int64_t sequence = 1;  ///< N: ranks that share each sequence
  std::int64_t tensor = 1;    ///< t: ranks that share each parameter matrix, and under Megatron-SP each sequence
  std::int64_t pipeline = 1;  ///< p: stages that share the layers
  std::int64_t ulysses = 1;   ///< U, read only for SequenceDistribution::ring_ulysses: ranks of N that exchange heads

  bool operator==(const Degrees&) const = default;
};

/// All ranks of a job. Throws OverflowError.
[[nodiscard]] std::int64_t rank_count(const Degrees& degrees);
/// Those of them that share the model's states: all with the same part of each parameter matrix. Throws OverflowError.
[[nodiscard]] std::int64_t state_ranks(const Degrees& degrees);

struct Optimizer {
  OptimizerKind kind = OptimizerKind::adamw;
  StateDType states = StateDType::fp32;  ///< of AdamW's two moments
  Momentum momentum = Momentum::none;    ///< of Adafactor and SGD
  bool factored = true;                  ///< Adafactor keeps row and column averages of a matrix's second moment
  bool in_backward = false;              ///< a layer's parameters are updated behind its backward

  bool operator==(const Optimizer&) const = default;
};

/// How prompts are read, and what is kept of them; read only for Mode::inference.
struct Inference {
  CacheType cache = CacheType::compute;
  std::int64_t prefill_batch = 1;             ///< b_p: prompts that are read together
  Chunk prefill_chunk{ChunkRule::whole, {}};  ///< c_p: tokens of each prompt that are read at a time

  bool operator==(const Inference&) const = default;
};

/// A training step, or inference, completely described: what predictions, records, the CLI and the GUI share.
struct Job {
  Mode mode = Mode::training;
  Transformer model;
  Device device;
  Method method;
  Recompute recompute{RecomputeKind::full, 1};
  Precision precision = Precision::bf16_mixed;
  Optimizer optimizer;
  Degrees degrees;
  std::int64_t model_chunks = 1;     ///< m: runs of layers of each pipeline stage; more than one interleaves them
  std::int64_t micro_batches = 1;    ///< n: of a step, read only where there are pipeline stages
  std::int64_t nodes = 1;            ///< that the ranks are spread over evenly
  std::optional<Bytes> host_memory;  ///< of a node, for what is offloaded; none: not a limit
  std::int64_t batch = 1;            ///< b: sequences per micro-batch of a data rank; in inference all that it has
  Tokens seq{0};                     ///< s; 0: not given (a max-context query needs none)
  bool accumulate = false;           ///< gradients live across micro-batches
  bool dropout = false;              ///< attention, residual and embedding dropout with one-byte masks
  Inference inference;

  bool operator==(const Job&) const = default;
};

/// Type of the KV cache's elements, were the job one of inference.
[[nodiscard]] DType cache_dtype(const Job& job);
/// Whether the job's optimizer keeps anything of a parameter beside its value.
[[nodiscard]] bool has_optimizer_states(const Job& job);
/// Whether anything of the job lives on the host.
[[nodiscard]] bool uses_host(const Method& method);
/// Into how many runs of tokens the job's ranks cut each sequence.
[[nodiscard]] std::int64_t token_runs(const Job& job);

}  // namespace headroom

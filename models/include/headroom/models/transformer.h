#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/named.h>
#include <headroom/models/provenance.h>

namespace headroom {

enum class Norm : std::uint8_t { layernorm, rmsnorm };
enum class Positions : std::uint8_t { none, learned, rope };
enum class Activation : std::uint8_t { gelu, relu, swiglu, geglu };

template <>
std::span<const Named<Norm>> values_of<Norm>();
template <>
std::span<const Named<Positions>> values_of<Positions>();
template <>
std::span<const Named<Activation>> values_of<Activation>();

/// Whether the feed-forward has a gate beside its up projection (three weights instead of two).
[[nodiscard]] constexpr bool is_gated(Activation a) { return a == Activation::swiglu || a == Activation::geglu; }

/// One kind of transformer layer: attention, then feed-forward, each behind a norm and added to the residual stream.
struct LayerKind {
  std::int64_t heads = 0;       ///< a: query heads
  std::int64_t kv_heads = 0;    ///< k: key and value heads; divides `heads` (GQA)
  std::int64_t head_dim = 0;    ///< d; a*d may differ from the hidden width
  std::int64_t ffn_hidden = 0;  ///< f
  Activation activation = Activation::gelu;
  bool qkv_bias = false;
  bool out_bias = false;               ///< bias of the attention's output projection
  bool ffn_bias = false;               ///< biases of every feed-forward weight
  bool post_norms = false;             ///< a second norm behind attention and behind feed-forward (Gemma-2)
  std::optional<std::int64_t> window;  ///< sliding-window attention, tokens; none: full attention

  bool operator==(const LayerKind&) const = default;
};

/// `repeat` times the layer kinds of `period` in order; the indices point into Transformer::kinds.
/// Llama: one run, period {0}. Gemma-2: one run, period {0, 1}. Dense-then-MoE: two runs.
struct LayerRun {
  std::int64_t repeat = 0;
  std::vector<std::int64_t> period;

  bool operator==(const LayerRun&) const = default;
};

/// What a model is. Counts and widths only: nothing here depends on batch, sequence or precision.
struct Transformer {
  std::string name;
  std::int64_t hidden = 0;  ///< h
  std::int64_t vocab = 0;   ///< v
  std::int64_t max_positions =
      0;  ///< rows of a learned table (OPT's extra rows included); else informative, 0: unknown
  Norm norm = Norm::rmsnorm;
  Positions positions = Positions::rope;
  bool tied_embeddings = false;  ///< head and embedding share one weight
  bool head_bias = false;
  std::vector<LayerKind> kinds;
  std::vector<LayerRun> layer_runs;
  std::optional<std::int64_t> published_parameters;  ///< the checkpoint's count, where known
  Provenance provenance;

  bool operator==(const Transformer&) const = default;
};

/// The largest size a model, a batch or a sequence may have: beyond it is a slip of the pen.
inline constexpr std::int64_t kMaxSize = std::int64_t{1} << 40;

/// L: the number of layers over all runs. Throws OverflowError.
[[nodiscard]] std::int64_t layer_count(const Transformer& model);

/// Trainable parameters, a tied weight counted once. Throws OverflowError.
[[nodiscard]] std::int64_t parameter_count(const Transformer& model);

/// Throws InputError with one sentence when a size is missing, not positive, absurd (above kMaxSize) or does not
/// divide.
void validate(const Transformer& model);

}  // namespace headroom

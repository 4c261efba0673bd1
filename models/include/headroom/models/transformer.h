#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/named.h>
#include <headroom/models/provenance.h>
#include <headroom/models/rational.h>

namespace headroom {

enum class Norm : std::uint8_t { layernorm, rmsnorm };
enum class Positions : std::uint8_t { none, learned, rope };
enum class Activation : std::uint8_t { gelu, relu, swiglu, geglu };

/// How attention and feed-forward stand between the norms of a layer and the residual stream x.
enum class Residual : std::uint8_t {
  pre_norm,              ///< x += attention(norm(x)), then x += feed_forward(norm(x))
  post_norm,             ///< x = norm(x + attention(x)), then x = norm(x + feed_forward(x)) (OPT-350M)
  parallel,              ///< x += attention(norm_1(x)) + feed_forward(norm_2(x)) (GPT-NeoX, Falcon-40B)
  parallel_shared_norm,  ///< x += attention(n) + feed_forward(n) with one n = norm(x) (GPT-J, Falcon-7B)
};

template <>
std::span<const Named<Norm>> values_of<Norm>();
template <>
std::span<const Named<Positions>> values_of<Positions>();
template <>
std::span<const Named<Activation>> values_of<Activation>();
template <>
std::span<const Named<Residual>> values_of<Residual>();

/// Whether the feed-forward has a gate beside its up projection (three weights instead of two).
[[nodiscard]] constexpr bool is_gated(Activation a) { return a == Activation::swiglu || a == Activation::geglu; }

/// A mixture of experts in place of the feed-forward: a router, one weight h x count, scores every token, and the token
/// passes the experts with the best scores (Shazeer et al., arXiv 1701.06538). Each routed expert is a feed-forward
/// like a dense one, LayerKind::ffn_hidden wide, with the layer's activation and biases.
struct Experts {
  std::int64_t count = 0;      ///< E: routed experts
  std::int64_t per_token = 0;  ///< how many of them a token passes (top-k); at most `count`
  /// Width of the feed-forward that every token passes beside them: of all shared experts together; none: no such.
  std::optional<std::int64_t> shared_hidden;
  bool shared_gate = false;  ///< the shared output times sigmoid(x w) with one weight h x 1 (Qwen2-MoE)
  bool router_bias = false;  ///< one correction an expert, which the choice of experts adds to its score (DeepSeek-V3)
  /// An expert takes at most ceil(factor * per_token * tokens / count) tokens of a micro-batch and drops the others
  /// (Switch Transformer, arXiv 2101.03961); up to six decimals. None: no token is dropped.
  std::optional<Rational> capacity_factor;

  bool operator==(const Experts&) const = default;
};

/// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434 section 2.1): keys and values of all heads are products
/// of one narrow latent a token, which has a norm of its own. Of the `head_dim` of a query or key the last
/// `rope_head_dim` are rotated; that part of the key is projected from the hidden state and shared by all heads. The
/// output projection is heads*value_head_dim x h.
struct LatentAttention {
  std::optional<std::int64_t> query_rank;  ///< width of the queries' latent and its norm; none: queries from h at once
  std::int64_t kv_rank = 0;                ///< width of the latent of keys and values
  std::int64_t rope_head_dim = 0;          ///< even, below head_dim; the rest, without positions, is the nope part
  std::int64_t value_head_dim = 0;         ///< of a value and of a head's output

  bool operator==(const LatentAttention&) const = default;
};

/// One kind of transformer layer: attention and feed-forward, with norms and the residual stream as `residual` says.
struct LayerKind {
  std::int64_t heads = 0;       ///< a: query heads
  std::int64_t kv_heads = 0;    ///< k: key and value heads; divides `heads` (GQA)
  std::int64_t head_dim = 0;    ///< d, of queries and keys; a*d may differ from the hidden width
  std::int64_t ffn_hidden = 0;  ///< f; with `experts` that of each routed one
  Activation activation = Activation::gelu;
  bool qkv_bias = false;
  bool out_bias = false;    ///< bias of the attention's output projection
  bool ffn_bias = false;    ///< biases of every feed-forward weight
  bool post_norms = false;  ///< a second norm behind attention and behind feed-forward (Gemma-2)
  Residual residual = Residual::pre_norm;
  bool qk_norm = false;  ///< a norm over head_dim of each query and key head, one weight for all of them (Qwen3)
  std::optional<std::int64_t> rotary_dim;  ///< rotated part of each head (GPT-J), even; none: the whole head
  std::optional<std::int64_t> window;      ///< sliding-window attention, tokens; none: full attention
  std::optional<LatentAttention> latent;   ///< none: a key and a value projection
  std::optional<Experts> experts;          ///< none: one feed-forward for every token

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
  /// Width of the embedding where it is not h: one projection in, and before the head one out, both without biases
  /// (OPT-350M).
  std::optional<std::int64_t> embedding_width;
  bool tied_embeddings = false;  ///< head and embedding share one weight
  bool final_norm = true;        ///< a norm between the last layer and the head
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

/// The parameters that one token passes: of the routed experts `per_token`, of everything else all, the whole embedding
/// and its head included. Equal to parameter_count where no layer has experts. Throws OverflowError.
[[nodiscard]] std::int64_t active_parameter_count(const Transformer& model);

/// Throws InputError with one sentence when a size is missing, not positive, absurd (above kMaxSize) or does not
/// divide.
void validate(const Transformer& model);

}  // namespace headroom

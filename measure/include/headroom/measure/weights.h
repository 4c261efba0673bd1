#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/measure/optimizer_states.h>
#include <headroom/measure/tensor.h>
#include <headroom/models/transformer.h>

namespace headroom::measure {

/// What a parameter holds before the first step: base plus or minus at most `spread`, evenly.
struct Initial {
  float base = 0;
  float spread = 0;
};

/// Where a parameter lies in that of the whole model, of which a tensor rank has a part.
struct Whole {
  std::int64_t rows = 1;
  std::int64_t width = 1;
  std::int64_t first_row = 0;  ///< in each of several matrices
  std::int64_t first_column = 0;
};

/// One trainable tensor [rows, width] with what lives beside it. A tensor that the job does not have stays empty.
struct Parameter {
  std::string_view kind;              ///< "W_q"; a literal
  std::optional<std::int64_t> layer;  ///< counts from 0
  std::int64_t rows = 1;              ///< of the rank's part; what reaches beyond the whole is padding
  std::int64_t width = 1;
  std::int64_t matrices = 1;  ///< of equally many rows, one behind the other: those of experts
  Form form = Form::product;
  Whole whole;
  std::int64_t summed_ranks = 1;  ///< consecutive tensor ranks whose gradients are parts of a sum
  Initial initial;
  Tensor value;             ///< whole, on the device; where parameters are fetched, only for their unit's works
  Tensor persistent;        ///< where they are fetched, what they come from: shards, or on the host, or both
  Tensor gradient;          ///< whole
  bool is_written = false;  ///< whether the gradient holds a sum already
  Tensor gradient_shard;    ///< of the sum over ranks, where gradients are sharded
  Tensor master;            ///< a shard where the optimizer's states are sharded, as these are
  OptimizerStates states;

  /// "layers.3.W_q"
  [[nodiscard]] std::string name() const;
  /// Of the whole, that which is element `index` of the part; none: padding.
  [[nodiscard]] std::optional<std::int64_t> element_of_whole(std::int64_t index) const;
};

/// y = x weight + bias.
struct Linear {
  Parameter weight;
  std::optional<Parameter> bias;
};

struct NormWeights {
  Parameter gain;
  std::optional<Parameter> bias;
};

/// A product that a norm reads.
struct NormedLinear {
  Linear linear;
  NormWeights norm;
};

/// What a layer with latent attention has beside query, key and value, which are then products of latents.
struct LatentWeights {
  std::optional<NormedLinear> query;  ///< none: queries are a product of the attention norm's output
  NormedLinear key_value;
  Linear rope_key;
};

/// The feed-forward that every token passes beside its experts.
struct SharedExpertWeights {
  std::optional<Linear> gate;
  Linear up, down;
  std::optional<Parameter> output_gate;  ///< [h, 1]: the output's gate is the sigmoid of a product with it
};

/// What a layer has with experts. Its gate, up and down are then those of all of them.
struct ExpertsWeights {
  Parameter router;                     ///< [h, experts]
  std::optional<Parameter> correction;  ///< one for each expert, which the choice adds to its logit
  std::optional<SharedExpertWeights> shared;
};

struct LayerWeights {
  NormWeights attention_norm;
  std::optional<LatentWeights> latent;
  Linear query, key, value;
  std::optional<NormWeights> query_norm, key_norm;  ///< over each head
  Linear output;
  std::optional<NormWeights> attention_post_norm;
  std::optional<NormWeights> feed_forward_norm;  ///< none: both branches have the attention's
  std::optional<ExpertsWeights> experts;
  std::optional<Linear> gate;
  Linear up, down;
  std::optional<NormWeights> feed_forward_post_norm;
};

/// The parameters of a model, described but not yet born (docs/runtime.md section 2).
struct Weights {
  Parameter embedding;
  std::optional<Parameter> positions;
  std::vector<LayerWeights> layers;
  NormWeights final_norm;
  std::optional<Parameter> head;  ///< none: tied to the embedding
  std::optional<Parameter> head_bias;
  Tensor tied_table;  ///< the embedding's value once more, where it is tied and fetched for the head
};

/// Which of the ranks that share each parameter matrix (docs/runtime.md section 10.3).
struct TensorShare {
  std::int64_t rank = 0;
  std::int64_t ranks = 1;
  bool shares_tokens = false;  ///< Megatron-SP: gradients of what is outside of products are of the rank's tokens
};

/// The layer kind of each layer of the model, in order.
[[nodiscard]] std::vector<const LayerKind*> kinds_by_layer(const Transformer& model);

/// The model with the heads and feed-forward widths that one of `ranks` tensor ranks has. They share each of its kinds.
[[nodiscard]] Transformer part_of_model(const Transformer& model, std::int64_t ranks);

/// `model` is the whole one.
[[nodiscard]] Weights describe_weights(const Transformer& model, std::int64_t seq, const TensorShare& share = {});

/// Parameters whose states the ranks hand around together (docs/runtime.md section 10.2), in order.
using Unit = std::vector<Parameter*>;

[[nodiscard]] Unit embedding_unit(Weights& weights);
[[nodiscard]] Unit layer_unit(LayerWeights& layer);
[[nodiscard]] Unit head_unit(Weights& weights);

/// Calls `visit` for every parameter in the order of docs/runtime.md section 2.
void for_each_parameter(Weights& weights, const std::function<void(Parameter&)>& visit);

}  // namespace headroom::measure

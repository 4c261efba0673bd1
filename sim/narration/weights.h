#pragma once

#include <cstdint>
#include <vector>

#include <headroom/models/job.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// One trainable parameter with everything that persists beside it. Absent parameters (a bias the model does not have)
/// are never narrated.
struct Weight {
  bool present = false;
  bool has_moments = false;  ///< AdamW
  bool has_master = false;   ///< bf16 parameters with an fp32 master copy
  Tensor value;
  Tensor gradient;
  Tensor first_moment;
  Tensor second_moment;
  Tensor master;
};

/// A matrix product's weight and bias.
struct Linear {
  Weight weight;
  Weight bias;
};

/// A norm's gain and, for LayerNorm, bias.
struct NormWeights {
  Weight gain;
  Weight bias;
};

/// The parameters of one layer, in the order in which the optimizer walks them.
struct LayerWeights {
  NormWeights attention_norm;
  Linear query, key, value, output;
  NormWeights attention_post_norm;
  NormWeights ffn_norm;
  Linear gate, up, down;
  NormWeights ffn_post_norm;
};

/// The parameters outside the layers. With tied embeddings the head has no weight of its own.
struct ModelWeights {
  Weight embedding;
  Weight positions;
  NormWeights final_norm;
  Linear head;
};

/// Calls f(weight) for each parameter that is present, in the order of the fields above.
template <class F>
void for_each_weight(const LayerWeights& w, F f) {
  const auto one = [&f](const Weight& weight) {
    if (weight.present) f(weight);
  };
  const auto norm = [&one](const NormWeights& n) { one(n.gain), one(n.bias); };
  const auto linear = [&one](const Linear& l) { one(l.weight), one(l.bias); };
  norm(w.attention_norm);
  linear(w.query), linear(w.key), linear(w.value), linear(w.output);
  norm(w.attention_post_norm);
  norm(w.ffn_norm);
  linear(w.gate), linear(w.up), linear(w.down);
  norm(w.ffn_post_norm);
}

template <class F>
void for_each_weight(const ModelWeights& w, F f) {
  for (const Weight* weight :
       {&w.embedding, &w.positions, &w.final_norm.gain, &w.final_norm.bias, &w.head.weight, &w.head.bias}) {
    if (weight->present) f(*weight);
  }
}

/// What the step begins and ends with, for a set of parameters.
struct WeightGroups {
  TensorGroup persistent;  ///< values, optimizer state and, with gradient accumulation, gradients
  TensorGroup gradients;   ///< what the optimizer step frees
};

/// Calls f(tensor) for what one parameter keeps alive before the step and behind it; nothing for an absent one.
template <class F>
void for_each_persistent(const Weight& w, bool accumulates, F f) {
  if (!w.present) return;
  f(w.value);
  if (w.has_moments) f(w.first_moment);
  if (w.has_moments) f(w.second_moment);
  if (w.has_master) f(w.master);
  if (accumulates) f(w.gradient);
}

/// Adds one parameter to the groups.
void add_weight(WeightGroups& groups, const Weight& weight, bool accumulates);

/// The tensors of every parameter of one layer kind of `job`.
[[nodiscard]] LayerWeights layer_weights(const Job& job, const LayerKind& kind);
/// The tensors of every parameter outside the layers, without the learned position table, whose rows follow the
/// sequence (positions_weight).
[[nodiscard]] ModelWeights model_weights(const Job& job);
/// The learned position table: max_positions rows, or `seq` where that is longer. Absent without learned positions.
[[nodiscard]] Weight positions_weight(const Job& job, Tokens seq);

}  // namespace headroom::sim

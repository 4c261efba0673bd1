#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <headroom/models/job.h>

#include "narration/pipeline.h"
#include "narration/ranks.h"
#include "narration/tensor.h"

namespace headroom::sim {

/// What an optimizer keeps of one parameter, in the order in which it is born: moments or a momentum, their scales or
/// averages, a master copy.
class OptimizerStates {
 public:
  void add(const Tensor& tensor) { tensors_[count_++] = tensor; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const Tensor* begin() const { return tensors_.data(); }
  [[nodiscard]] const Tensor* end() const { return tensors_.data() + count_; }

 private:
  std::array<Tensor, 5> tensors_;  ///< 8-bit AdamW beside a master copy has as many
  std::size_t count_ = 0;
};

/// One trainable parameter with everything that persists beside it. Absent parameters (a bias the model does not have)
/// are never narrated.
struct Weight {
  bool present = false;
  std::int64_t sum_ranks = 1;  ///< tensor ranks that have it, each with a part of its gradient
  Tensor value;                ///< what persists: whole, or a shard under ZeRO-3
  Tensor whole;                ///< on the device for use, where parameters come and go
  Tensor gradient;
  Tensor gradient_shard;  ///< from ZeRO-2 on
  Tensor received_shard;  ///< the same with accumulation, in front of its addition
  Tensor host_gradient;   ///< copies of what the host updates: whole, or as long as a shard
  Tensor host_value;
  OptimizerStates states;  ///< whole, or shards from ZeRO-1 on
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
  Linear query_down;  ///< with latent attention: to the latents and the rope key; query, key, value from the latents
  NormWeights query_latent_norm;
  Linear query, latent_down;
  NormWeights latent_norm;
  Linear rope_key, key, value;
  NormWeights query_norm, key_norm;  ///< of each head
  Linear output;
  NormWeights attention_post_norm;
  NormWeights ffn_norm;
  Linear router;          ///< the bias is its correction
  Linear gate, up, down;  ///< of all experts, where a layer has them
  Linear shared_gate, shared_up, shared_down;
  Weight shared_expert_gate;
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
  linear(w.query_down), norm(w.query_latent_norm), linear(w.query);
  linear(w.latent_down), norm(w.latent_norm), linear(w.rope_key);
  linear(w.key), linear(w.value);
  norm(w.query_norm), norm(w.key_norm);
  linear(w.output);
  norm(w.attention_post_norm);
  norm(w.ffn_norm);
  linear(w.router);
  linear(w.gate), linear(w.up), linear(w.down);
  linear(w.shared_gate), linear(w.shared_up), linear(w.shared_down);
  one(w.shared_expert_gate);
  norm(w.ffn_post_norm);
}

template <class F>
void for_each_weight(const ModelWeights& w, F f) {
  for (const Weight* weight :
       {&w.embedding, &w.positions, &w.final_norm.gain, &w.final_norm.bias, &w.head.weight, &w.head.bias}) {
    if (weight->present) f(*weight);
  }
}

/// What the head reads, from the final norm on: its own parameters, or the embedding that it is tied to.
template <class F>
void for_each_head_weight(const ModelWeights& w, F f) {
  const Weight& matrix = w.head.weight.present ? w.head.weight : w.embedding;
  for (const Weight* weight : {&w.final_norm.gain, &w.final_norm.bias, &matrix, &w.head.bias}) {
    if (weight->present) f(*weight);
  }
}

/// What the step begins and ends with, for a set of parameters.
struct WeightGroups {
  TensorGroup persistent;  ///< values, optimizer state and, with gradient accumulation, gradients
  TensorGroup gradients;   ///< what the optimizer step frees
  TensorGroup whole;       ///< on the device for use, where parameters come and go
  TensorGroup host;        ///< what persists on the host
};

/// What the ranks share of the states, and whether gradients live across micro-batches.
struct StateKeeping {
  StateKeeping(const Ranks& ranks, const Job& job)
      : shards_gradients(ranks.sharding == StateSharding::zero2 || ranks.sharding == StateSharding::zero3),
        gathers(ranks.sharding == StateSharding::zero3),
        accumulates(job.accumulate || (job.degrees.pipeline > 1 && job.micro_batches > 1)),
        states_on_host(job.method.offload_optimizer),
        parameters_on_host(job.method.offload_parameters),
        prefetch(parameters_come() ? job.method.prefetch : 0),
        updates_in_backward(job.optimizer.in_backward) {}

  bool shards_gradients;  ///< whole gradients live from their first write to the end of their unit's backward
  bool gathers;           ///< parameters are shards, and whole while their unit is used
  bool accumulates;
  bool states_on_host;      ///< moments and master copies
  bool parameters_on_host;  ///< where states are
  std::int64_t prefetch;    ///< works that a unit's parameters come in front of its own
  bool updates_in_backward;

  /// Whether whole parameters are on the device for their use alone.
  [[nodiscard]] bool parameters_come() const { return gathers || parameters_on_host; }
  [[nodiscard]] bool shards_on_host() const { return gathers && parameters_on_host; }
  /// What lives until the optimizer step.
  [[nodiscard]] const Tensor& gradient(const Weight& w) const {
    return shards_gradients ? w.gradient_shard : w.gradient;
  }
};

/// Calls f(tensor) for what one parameter keeps alive on the device before the step and behind it; nothing for an
/// absent one.
template <class F>
void for_each_persistent(const Weight& w, const StateKeeping& keeping, F f) {
  if (!w.present) return;
  if (!keeping.parameters_on_host) f(w.value);
  if (!keeping.states_on_host) std::for_each(w.states.begin(), w.states.end(), f);
  if (keeping.accumulates) f(keeping.gradient(w));
}

/// The same on the host.
template <class F>
void for_each_persistent_on_host(const Weight& w, const StateKeeping& keeping, F f) {
  if (!w.present) return;
  if (keeping.parameters_on_host) f(w.value);
  if (keeping.states_on_host) std::for_each(w.states.begin(), w.states.end(), f);
}

/// Adds one parameter to the groups.
void add_weight(WeightGroups& groups, const Weight& weight, const StateKeeping& keeping);

/// The tensors of every parameter of one layer kind of `job`.
[[nodiscard]] LayerWeights layer_weights(const Job& job, const Ranks& ranks, const LayerKind& kind);
/// The tensors of every parameter outside the layers that the stage has, without the learned position table, whose rows
/// follow the sequence (positions_weight).
[[nodiscard]] ModelWeights model_weights(const Job& job, const Ranks& ranks, const Stage& stage);
/// The learned position table: max_positions rows, or `seq` where that is longer. Absent without learned positions, and
/// on a stage without the embedding.
[[nodiscard]] Weight positions_weight(const Job& job, const Ranks& ranks, const Stage& stage, Tokens seq);

}  // namespace headroom::sim

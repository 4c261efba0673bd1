#pragma once

#include "works.h"

namespace headroom::measure {

/// What the embedding leaves for backward.
struct EmbeddingState {
  Tensor ids;
  Tensor mask;  ///< only with dropout
};

/// int32 [batch, tokens, 1] of what products see.
[[nodiscard]] Tensor token_ids(const Run& run, const Label& label);
/// Births the first layer's input: the embedding's rows, which are summed over tensor ranks.
void embed(const Run& run, const Weights& weights, const Tensor& ids, Tensor& x);
/// Adds learned positions, where the model has them, in place.
void add_positions(const Run& run, const Weights& weights, const Tensor& x);

/// Births token and target ids and the first layer's input (docs/runtime.md section 2).
void embedding_forward(const Run& run, Weights& weights, Works& works, EmbeddingState& state, Tensor& targets,
                       Tensor& x);
/// The residual gradient and the state die; the embedding's gradients are handed out.
void embedding_backward(const Run& run, Weights& weights, EmbeddingState& state, Tensor& residual_gradient);

}  // namespace headroom::measure

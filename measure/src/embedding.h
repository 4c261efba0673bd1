#pragma once

#include "works.h"

namespace headroom::measure {

/// What the embedding leaves for backward.
struct EmbeddingState {
  Tensor ids;
  Tensor mask;  ///< only with dropout
};

/// Births token and target ids and the first layer's input (docs/runtime.md section 2).
void embedding_forward(const Run& run, Weights& weights, Works& works, EmbeddingState& state, Tensor& targets,
                       Tensor& x);
/// The residual gradient and the state die; the embedding's gradients are handed out.
void embedding_backward(const Run& run, Weights& weights, EmbeddingState& state, Tensor& residual_gradient);

}  // namespace headroom::measure

#pragma once

#include <headroom/models/transformer.h>

namespace headroom::test {

/// h 4, v 10, one layer of 2 heads of 3 with one key head, f 5: every count can be done on paper.
inline Transformer small() {
  Transformer model;
  model.name = "small";
  model.hidden = 4;
  model.vocab = 10;
  model.norm = Norm::rmsnorm;
  model.positions = Positions::rope;
  LayerKind kind;
  kind.heads = 2;
  kind.kv_heads = 1;
  kind.head_dim = 3;
  kind.ffn_hidden = 5;
  kind.activation = Activation::gelu;
  model.kinds = {kind};
  model.layer_runs = {{1, {0}}};
  return model;
}

// embedding and head 2*40; q 24, k and v 12 each, o 24; up and down 20 each; three norms of 4
inline constexpr std::int64_t kSmall = 80 + 72 + 40 + 12;

}  // namespace headroom::test

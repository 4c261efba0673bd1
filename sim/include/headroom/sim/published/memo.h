#pragma once

#include <headroom/models/bytes.h>
#include <headroom/sim/published/symbols.h>

/// What a GPT layer keeps for backward with flash attention, without dropout and recompute, as two papers count it.
namespace headroom::sim::published {

/// Zhao et al., MEMO (arXiv 2407.12117), section 3.2.
namespace memo {
/// Elements a layer: input 1, norm 1, q, k and v 3, attention 1, residual 1, norm 1, feed-forward 4 + 4: 16bsh.
[[nodiscard]] std::int64_t skeletal_elements(const Symbols& x);
/// Elements of a layer's attention output: bsh, 6.25 % of them.
[[nodiscard]] std::int64_t attention_output_elements(const Symbols& x);
/// Bytes of all layers in 16 bits: 32bshL.
[[nodiscard]] Bytes skeletal(const Symbols& x);
/// Bytes of the layers' inputs alone in 16 bits: 2bshL. The paper's example prints half of it.
[[nodiscard]] Bytes layer_inputs(const Symbols& x);
}  // namespace memo

/// Chen et al., SPPO (arXiv 2503.10377), table 2: activations of all layers, bytes: 32bshL.
namespace sppo {
[[nodiscard]] Bytes activations(const Symbols& x);
}  // namespace sppo

}  // namespace headroom::sim::published

#pragma once

#include <cstdint>

#include <headroom/models/rational.h>

/// Anthony, Biderman and Schoelkopf, "Transformer Math 101" (EleutherAI, 2023), section on sharded optimizers with 3D
/// parallelism. Its other formulas are those of Korthikanti et al. and ZeRO.
namespace headroom::sim::published::transformer_math {

/// Bytes of the model's states on one of `ranks` (No. GPUs), of which `stages` share the layers and `tensor` each
/// matrix: 2P/(pt) + 12P/N + 2P/p. Exact fraction.
[[nodiscard]] Rational states_3d(std::int64_t parameters, std::int64_t ranks, std::int64_t stages, std::int64_t tensor);

}  // namespace headroom::sim::published::transformer_math

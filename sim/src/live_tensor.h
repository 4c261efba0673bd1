#pragma once

#include <vector>

#include <headroom/sim/predictor.h>

#include "narration/listeners/levels.h"

namespace headroom::sim {

/// The entries of a level as people read them, largest total first.
[[nodiscard]] std::vector<LiveTensor> live_tensors(const TensorLevel& level);

}  // namespace headroom::sim

#pragma once

#include <vector>

#include "jobs.h"

namespace headroom::test {

/// How many there are on one rank.
inline constexpr std::size_t kInferenceRows = 336;

/// Inference on one rank: every way to compute a layer x head x precision x prompts at once or in chunks x with windows
/// or without; then what layers are made of x every way to compute one. Styles, sizes, types of the cache and groups of
/// prompts go round.
[[nodiscard]] std::vector<NamedJob> inference_jobs();

/// The same of ranks that share matrices, or have sequences of their own: every way to compute a layer, and what layers
/// are made of.
[[nodiscard]] std::vector<NamedJob> inference_rank_jobs(std::int64_t ranks);

}  // namespace headroom::test

#pragma once

#include <cstdint>
#include <vector>

#include "jobs.h"

namespace headroom::test {

/// How many ranks the regression runs on.
inline constexpr std::int64_t kRankCounts[] = {2, 4};

/// The jobs on `ranks` ranks: every way to share a sequence x attention x feed-forward x recompute that is accepted,
/// data ranks alone and beside sequence ranks, tensor ranks alone and, every third layer, beside both; every preset;
/// style, sizes, head, sharding, offload and training go round beside them.
[[nodiscard]] std::vector<NamedJob> rank_jobs(std::int64_t ranks);
/// These and inference_rank_jobs on each of kRankCounts.
[[nodiscard]] std::vector<NamedJob> all_rank_jobs();

}  // namespace headroom::test

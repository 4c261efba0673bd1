#pragma once

#include <cstdint>
#include <optional>

#include <headroom/models/record.h>

namespace headroom::test {

/// All ranks that mpirun started, and this one.
[[nodiscard]] std::int64_t ranks_present();
[[nodiscard]] std::int64_t this_rank();

/// Runs a job on all ranks, one step with its timeline; the record is this rank's own, and stands for every rank's,
/// but for what was sent, which is this rank's alone.
/// `limit`: on a rank's allocated bytes; throws measure::RefusedAllocation beyond it.
[[nodiscard]] Record measured_on_this_rank(const Job& job, std::optional<Bytes> limit = std::nullopt);

}  // namespace headroom::test

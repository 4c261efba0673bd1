#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/verified.h>

#include "jobs.h"

namespace headroom::test {

/// The jobs counted by their axes, sorted.
[[nodiscard]] std::vector<sim::VerifiedRow> coverage(const std::vector<Job>& jobs);
/// Training and inference on one rank.
[[nodiscard]] std::vector<NamedJob> one_rank_jobs();
/// What the live regression and the corpus cover, if all of it agrees; their tests say whether it does.
[[nodiscard]] std::vector<Job> covered_jobs();

/// sim/src/verified_rows.inc as it should be.
[[nodiscard]] std::string verified_rows_text(const std::vector<sim::VerifiedRow>& rows);

}  // namespace headroom::test

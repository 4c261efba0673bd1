#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>

namespace headroom::sim {

/// Something an answer rests on beside the narration.
struct Assumption {
  std::string_view subject;  ///< "capacity", "context", "workspace", "allocator slack"
  Figure figure;
};

/// What the answers for `job` take from elsewhere, in the order in which they are subtracted from the capacity.
[[nodiscard]] std::vector<Assumption> assumptions(const Job& job);

/// Whose memory is predicted, in one sentence: every answer says it.
[[nodiscard]] std::string_view runtime_note();

/// Whether regression rows have met this combination of choices (verified.h), in one sentence: "verified: ...", "not
/// yet measured in this combination: ..." or "not yet measured: ...", which names a choice that no row has met.
[[nodiscard]] std::string measured_status(const Job& job);
/// The same of a method whatever the recompute, the precision and the optimizer.
[[nodiscard]] std::string measured_status(const Method& method);

}  // namespace headroom::sim

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/job.h>

#include "style.h"

namespace headroom::cli {

/// What every answer says of itself, for all its jobs at once: they differ in their methods only.
struct Honesty {
  std::vector<Job> jobs;
};

/// Every assumption with its tag and origin, then whose memory it is and what was measured.
[[nodiscard]] std::string honesty_text(const Honesty& honesty, const Style& style);
/// The same without the origins, a sentence each.
[[nodiscard]] std::string short_honesty_text(const Honesty& honesty, const Style& style);
/// The same for two jobs that may differ in everything.
[[nodiscard]] std::string honesty_text(const Job& first, const Job& second, const Style& style);
/// Adds "assumptions" and "runtime_note"; the measured status stands beside each job.
void add_honesty(nlohmann::ordered_json& json, const Honesty& honesty);

}  // namespace headroom::cli

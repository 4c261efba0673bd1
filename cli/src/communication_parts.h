#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <headroom/sim/communication.h>

#include "style.h"

/// What the first of a job's ranks sends in a step of one micro-batch: as lines for people, JSON and CSV.
namespace headroom::cli {

/// What a step and a layer send, and how long a link takes at least for it where its bandwidth is known. Ends with an
/// empty line; nothing for one rank.
[[nodiscard]] std::string communication_text(const Job& job, Tokens seq, const Style& style);

/// Every part by what it is for; null for one rank.
[[nodiscard]] nlohmann::ordered_json communication_json(const Job& job, Tokens seq);

}  // namespace headroom::cli

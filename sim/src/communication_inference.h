#pragma once

#include <cstdint>

#include <headroom/sim/communication.h>

#include "narration/plan.h"

namespace headroom::sim {

/// What rank `rank` sends in all passes of inference, as forwards of the units.
[[nodiscard]] Communication inference_communication(const JobPlan& plan, Tokens seq, std::int64_t rank);

}  // namespace headroom::sim

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/instant.h>

namespace headroom::docs {

/// The parts of a step that a picture shades.
enum class Phase : std::uint8_t { forward, head, backward, optimizer };

/// What is alive behind each event of one stretch of the step: one layer's forward, the head, one layer's backward.
struct Stage {
  Phase phase;
  std::optional<std::int64_t> layer;
  std::vector<BytesByCategory> states;
};

/// The step of `job` from the embedding on, stage by stage. What lives before it is in every state.
[[nodiscard]] std::vector<Stage> profile(const Job& job);

}  // namespace headroom::docs

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_context.h>

namespace headroom::sim {

/// What a change does beside the memory, mildest first.
enum class Consequence : std::uint8_t {
  same_result,  ///< the same function, computed another way
  rounding,     ///< another precision of the same training
  training,     ///< another optimizer
};

/// One change to a job and how far it gets.
struct Suggestion {
  std::string_view axis;  ///< as job files and command lines spell it: "head", "recompute", "optimizer-states"
  std::string value;      ///< "chunked", "full", "bf16"
  Tokens tokens;          ///< the longest context with it
  Consequence consequence = Consequence::same_result;
};

/// Every change of one axis that gets further than `reached`, the furthest of each axis; mildest consequence first,
/// then furthest first. Where several values of an axis get equally far, the first one listed. Devices are not touched.
[[nodiscard]] std::vector<Suggestion> suggest_changes(const Job& job, const Grid& grid, Tokens reached);

/// The preset device with the least memory that lets `job` train at least one length of the grid where its own lets
/// none; empty when no preset does.
[[nodiscard]] std::vector<Suggestion> suggest_device(const Job& job, const Grid& grid);

}  // namespace headroom::sim

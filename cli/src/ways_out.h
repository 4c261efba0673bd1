#pragma once

#include <string>
#include <vector>

#include <headroom/sim/max_context.h>
#include <headroom/sim/suggest.h>

#include "prediction.h"

namespace headroom::cli {

/// One change of one method, as it is typed, and how far it gets.
struct WayOut {
  std::string option;  ///< "--optimizer-states bf16"
  std::string method;
  Tokens tokens;  ///< the longest context with it
  sim::Consequence consequence = sim::Consequence::same_result;
};

[[nodiscard]] WayOut way_out(const Job& job, const sim::Suggestion& suggestion);

/// Every change of one option that gets one of the methods beyond `reached`, with the method that gets furthest by it;
/// mildest consequence first, then furthest first.
[[nodiscard]] std::vector<WayOut> ways_beyond(const std::vector<Prediction>& predictions, const sim::Grid& grid,
                                              Tokens reached);

}  // namespace headroom::cli

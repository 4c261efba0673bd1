#pragma once

#include <string>
#include <vector>

#include <headroom/sim/max_context.h>

#include "prediction.h"

namespace headroom::cli {

/// One change with which something fits.
struct WayOut {
  std::string option;  ///< "--optimizer-states bf16"
  std::string method;
  Tokens tokens;  ///< the longest context with it
};

struct NothingFits {
  std::vector<WayOut> ways_out;
  std::string sentence;  ///< that nothing fits, why, and what would
};

/// Why none of `predictions` fits, and what would.
[[nodiscard]] NothingFits explain_nothing_fits(const std::vector<Prediction>& predictions, const sim::Grid& grid);

}  // namespace headroom::cli

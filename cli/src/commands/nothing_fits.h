#pragma once

#include <string>
#include <vector>

#include <headroom/sim/max_context.h>
#include <headroom/sim/suggest.h>

#include "prediction.h"
#include "ways_out.h"

namespace headroom::cli {

struct NothingFits {
  std::vector<WayOut> ways_out;  ///< mildest first, then furthest first; a device last
  std::string sentence;          ///< that nothing fits, why, and what would
};

/// Why none of `predictions` fits: what the leanest of them needs.
[[nodiscard]] std::string shortage_text(const std::vector<Prediction>& predictions);

/// Why none of `predictions` fits, and what would.
[[nodiscard]] NothingFits explain_nothing_fits(const std::vector<Prediction>& predictions, const sim::Grid& grid);

}  // namespace headroom::cli

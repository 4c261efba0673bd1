#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/max_context.h>

#include "nothing_fits.h"
#include "prediction.h"
#include "style.h"
#include "ways_out.h"

namespace headroom::cli {

/// The answer to max-context, computed once for every format.
struct MaxContextResult {
  sim::Grid grid;
  bool is_list = false;
  std::vector<Prediction> predictions;
  std::vector<WayOut> further;  ///< where something fits: what gets beyond the furthest
  NothingFits nothing_fits;     ///< filled when no method fits
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const MaxContextResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const MaxContextResult& result);
[[nodiscard]] std::string to_csv(const MaxContextResult& result);
[[nodiscard]] int exit_code(const MaxContextResult& result);

}  // namespace headroom::cli

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/max_context.h>
#include <headroom/sim/suggest.h>

#include "nothing_fits.h"
#include "prediction.h"
#include "style.h"

namespace headroom::cli {

/// The answer to max-context, computed once for every format.
struct MaxContextResult {
  sim::Grid grid;
  bool is_list = false;
  std::vector<Prediction> predictions;
  std::vector<sim::Suggestion> suggestions;  ///< for one method that fits: what gets further
  NothingFits nothing_fits;                  ///< filled when no method fits
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const MaxContextResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const MaxContextResult& result);
[[nodiscard]] std::string to_csv(const MaxContextResult& result);
[[nodiscard]] int exit_code(const MaxContextResult& result);

}  // namespace headroom::cli

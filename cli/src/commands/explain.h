#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/predictor.h>

#include "prediction.h"
#include "style.h"

namespace headroom::cli {

/// The answer to explain, computed once for every format.
struct ExplainResult {
  Prediction prediction;
  sim::Explanation explanation;
  bool with_sources = false;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const ExplainResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const ExplainResult& result);
[[nodiscard]] std::string to_csv(const ExplainResult& result);
[[nodiscard]] int exit_code(const ExplainResult& result);

}  // namespace headroom::cli

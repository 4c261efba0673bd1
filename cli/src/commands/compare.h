#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "prediction.h"
#include "style.h"

namespace headroom::cli {

/// The answer to compare, computed once for every format.
struct CompareResult {
  std::optional<sim::Grid> grid;  ///< where each method stands at its longest
  std::vector<Prediction> predictions;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const CompareResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const CompareResult& result);
[[nodiscard]] std::string to_csv(const CompareResult& result);
[[nodiscard]] int exit_code(const CompareResult& result);

}  // namespace headroom::cli

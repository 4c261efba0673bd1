#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "prediction.h"
#include "style.h"

namespace headroom::cli {

/// The answer to max-batch, computed once for every format.
struct MaxBatchResult {
  bool is_list = false;
  std::vector<Prediction> predictions;
  std::string nothing_fits;  ///< a sentence where not one sequence fits by any method
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const MaxBatchResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const MaxBatchResult& result);
[[nodiscard]] std::string to_csv(const MaxBatchResult& result);
[[nodiscard]] int exit_code(const MaxBatchResult& result);

}  // namespace headroom::cli

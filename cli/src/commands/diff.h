#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/difference.h>

#include "prediction.h"
#include "style.h"

namespace headroom::cli {

/// A setting in which two jobs differ, as it is typed.
struct ChangedSetting {
  std::string name;
  std::string first;
  std::string second;
};

/// The answer to diff, computed once for every format.
struct DiffResult {
  Prediction first;
  Prediction second;
  std::vector<ChangedSetting> settings;
  sim::Difference difference;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const DiffResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const DiffResult& result);
[[nodiscard]] std::string to_csv(const DiffResult& result);
[[nodiscard]] int exit_code(const DiffResult& result);

}  // namespace headroom::cli

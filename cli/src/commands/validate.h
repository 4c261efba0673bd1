#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/job.h>
#include <headroom/sim/check.h>

#include "style.h"

namespace headroom::cli {

/// A record that was read and held against its prediction.
struct ValidatedRecord {
  std::string name;  ///< its path; of a live one, whose file is gone, that it was live
  Job job;
  sim::Check check;
};

/// The answer to validate, computed once for every format.
struct ValidateResult {
  std::vector<ValidatedRecord> records;
  std::vector<std::string> errors;  ///< sentences: files and folders that could not be checked
  std::vector<std::string> notes;
  bool with_all_categories = false;

  [[nodiscard]] std::size_t agreeing() const;
};

[[nodiscard]] std::string to_text(const ValidateResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const ValidateResult& result);
[[nodiscard]] std::string to_csv(const ValidateResult& result);
[[nodiscard]] int exit_code(const ValidateResult& result);

}  // namespace headroom::cli

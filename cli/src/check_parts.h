#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/record.h>
#include <headroom/sim/check.h>

#include "style.h"

/// A record beside its prediction, in the forms that several commands print.
namespace headroom::cli {

enum class Figures : bool { disagreeing, all };

/// Measured, predicted and their difference in bytes: categories, the total, and the witness where there is one.
[[nodiscard]] std::string check_table(const sim::Check& check, Figures categories, const Style& style);

[[nodiscard]] nlohmann::ordered_json check_json(const sim::Check& check);

/// The names of check_fields().
[[nodiscard]] std::vector<std::string> check_header();
/// A list of fields for each figure.
[[nodiscard]] std::vector<std::vector<std::string>> check_fields(const sim::Check& check);

}  // namespace headroom::cli

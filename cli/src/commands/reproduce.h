#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/reproduction.h>
#include <headroom/sim/reproduce.h>

#include "style.h"

namespace headroom::cli {

/// A reproduction and what became of its rows.
struct ReproducedTable {
  Reproduction reproduction;
  sim::Reproduced result;
};

/// The answer to reproduce, computed once for every format.
struct ReproduceResult {
  bool is_list = false;  ///< only what there is, with the gates counted
  std::vector<ReproducedTable> tables;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const ReproduceResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const ReproduceResult& result);
[[nodiscard]] std::string to_csv(const ReproduceResult& result);
[[nodiscard]] int exit_code(const ReproduceResult& result);

}  // namespace headroom::cli

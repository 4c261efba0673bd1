#pragma once

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "console.h"
#include "output_options.h"
#include "text.h"

namespace headroom::cli {

[[nodiscard]] inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// Prints one result in the format asked for. A result is computed once, before any of this; it has to_text(Result,
/// Style), to_json(Result), to_csv(Result), exit_code(Result) and `notes`, which also go to standard error.
template <class Result>
int deliver(const Result& result, const OutputOptions& options, Console& console) {
  const Style style = options.style(console);
  switch (options.format()) {
    case Format::table: console.out(to_text(result, style)); break;
    case Format::json: console.out(json_text(to_json(result))); break;
    case Format::csv: console.out(to_csv(result)); break;
  }
  for (const std::string& note : result.notes) console.err(fmt::format("headroom: note: {}\n", printable(note)));
  return exit_code(result);
}

}  // namespace headroom::cli

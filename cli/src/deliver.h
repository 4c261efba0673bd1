#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "console.h"
#include "output_options.h"
#include "text.h"

namespace headroom::cli {

[[nodiscard]] inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

inline void print_notes(const std::vector<std::string>& notes, Console& console) {
  for (const std::string& note : notes) console.err(fmt::format("headroom: note: {}\n", printable(note)));
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
    case Format::trace:
    case Format::jsonl: break;  // of long results, which come piece by piece
  }
  print_notes(result.notes, console);
  return exit_code(result);
}

}  // namespace headroom::cli

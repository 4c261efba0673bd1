#include "grid_option.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "help.h"

namespace headroom::cli {
void GridOption::add_to(CLI::App& app) {
  text_ = format_count(sim::Grid{}.step.count());
  const std::string description = fmt::format(
      "lengths to choose from: multiples of N tokens a sequence rank, or {} as papers print them (default {})",
      kPowersOfTwo, text_);
  app.add_option("--grid", text_, description)->option_text(fmt::format("N|{}", kPowersOfTwo))->group(kQuestionGroup);
}

sim::Grid GridOption::grid() const {
  if (text_ == kPowersOfTwo) return {sim::Grid::Kind::powers_of_two, {}};
  try {
    return {sim::Grid::Kind::multiples, parse_tokens(text_, "--grid")};
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}; or give {}", error.what(), kPowersOfTwo));
  }
}

}  // namespace headroom::cli

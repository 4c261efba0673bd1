#pragma once

#include <span>

#include "command.h"

namespace headroom::cli {

Action add_max_context(CLI::App& app);

/// In the order of --help. A new command is a line here and a file beside this one.
[[nodiscard]] inline std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"max-context", "the longest context that fits, by method or for one method", add_max_context},
  };
  return kCommands;
}

}  // namespace headroom::cli

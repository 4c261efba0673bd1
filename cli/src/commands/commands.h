#pragma once

#include <span>

#include "command.h"

namespace headroom::cli {

Action add_max_context(CLI::App& app);
Action add_max_batch(CLI::App& app);
Action add_breakdown(CLI::App& app);
Action add_compare(CLI::App& app);
Action add_diff(CLI::App& app);
Action add_explain(CLI::App& app);
Action add_sweep(CLI::App& app);
Action add_timeline(CLI::App& app);
Action add_overlap(CLI::App& app);
Action add_measure(CLI::App& app);
Action add_validate(CLI::App& app);
Action add_reproduce(CLI::App& app);
Action add_models(CLI::App& app);
Action add_hardware(CLI::App& app);
Action add_methods(CLI::App& app);

/// In the order of --help. A new command is a line here and a file beside this one.
[[nodiscard]] inline std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"max-context", "the longest context that fits, by method or for one method", add_max_context},
      {"max-batch", "the largest batch that fits at one length", add_max_batch},
      {"breakdown", "where the memory goes at one length", add_breakdown},
      {"compare", "methods side by side, at one length or each at its longest", add_compare},
      {"diff", "what one job holds at its peak that another does not", add_diff},
      {"explain", "every tensor that is alive at the peak", add_explain},
      {"sweep", "many jobs at once: every combination of the values of some axes", add_sweep},
      {"timeline", "every birth and death of a tensor in one step, also as a trace", add_timeline},
      {"overlap", "from which lengths on a ring hides its communication", add_overlap},
      {"measure", "run a job on this machine and record what it allocates", add_measure},
      {"validate", "hold records against their predictions", add_validate},
      {"reproduce", "hold papers' printed numbers against formulas and predictions", add_reproduce},
      {"models", "the models known by name", add_models},
      {"hardware", "the devices known by name", add_hardware},
      {"methods", "the methods known by name", add_methods},
  };
  return kCommands;
}

}  // namespace headroom::cli

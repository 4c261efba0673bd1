#pragma once

#include <optional>
#include <string>
#include <vector>

namespace headroom::cli {

/// How a program ended.
struct Ended {
  int exit_code = 0;
  std::optional<int> signal;  ///< that killed it
};

/// Runs the program `arguments.front()` until it ends. Its standard output and standard error are our standard error.
/// Signals that ask us to end (SIGINT, SIGTERM, SIGHUP) go on to it, and we stay to tell what became of it.
/// Throws InputError when it cannot be started.
[[nodiscard]] Ended run_program(std::vector<std::string> arguments);

struct Captured {
  Ended ended;
  std::string output;  ///< of standard output
};

/// The same for a program that answers at once, whose standard output is the answer. Signals wait until it has ended.
[[nodiscard]] Captured capture_program(std::vector<std::string> arguments);

}  // namespace headroom::cli

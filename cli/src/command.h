#pragma once

#include <functional>

#include "console.h"

namespace CLI {
class App;
}

namespace headroom::cli {

/// Answers and prints; returns the exit code.
using Action = std::function<int(Console&)>;

/// One command of the program. add() gives it its options and returns what it does once they are read.
struct Command {
  const char* name;
  const char* description;
  Action (*add)(CLI::App& app);
};

}  // namespace headroom::cli

#pragma once

#include <string>

#include <headroom/sim/max_context.h>

namespace CLI {
class App;
}

namespace headroom::cli {

/// --grid, as typed.
class GridOption {
 public:
  void add_to(CLI::App& app);
  /// Throws InputError.
  [[nodiscard]] sim::Grid grid() const;

 private:
  std::string text_;
};

}  // namespace headroom::cli

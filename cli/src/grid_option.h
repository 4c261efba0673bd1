#pragma once

#include <string>

#include <headroom/sim/max_context.h>

namespace CLI {
class App;
}

namespace headroom::cli {

/// The value of --grid for lengths as papers print them.
inline constexpr const char* kPowersOfTwo = "pow2";

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

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "command.h"

namespace headroom::cli {

/// What --help, the manual page and completion say of the values that many options share.
inline constexpr const char* kUnits =
    "Lengths take K and M in the binary sense: 128K = 131072 tokens, 1M = 1048576. Sizes take KiB, MiB, GiB (binary) "
    "and KB, MB, GB (decimal).";

/// The parser with every command and what each does.
class Program {
 public:
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Parses, acts, prints; returns the exit code. Throws InputError, OutputError.
  [[nodiscard]] int run(int argc, const char* const* argv, Console& console);

  /// Its commands and their options.
  [[nodiscard]] const CLI::App& parser() const { return *app_; }

 private:
  [[nodiscard]] int act(Console& console);

  std::unique_ptr<CLI::App> app_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

}  // namespace headroom::cli

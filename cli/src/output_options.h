#pragma once

#include <cstdint>
#include <string>

#include <headroom/models/named.h>

#include "console.h"
#include "style.h"

namespace CLI {
class App;
}

namespace headroom::cli {

enum class Format : std::uint8_t { table, json, csv };
enum class Colour : std::uint8_t { automatic, always, never };

/// How a result is printed, as typed; read when it is printed.
class OutputOptions {
 public:
  /// Adds --format and --color, whose values are kept here.
  void add_to(CLI::App& app);
  /// Throw InputError for a value that is not accepted.
  [[nodiscard]] Format format() const;
  [[nodiscard]] Style style(const Console& console) const;

 private:
  std::string format_;
  std::string colour_;
};

}  // namespace headroom::cli

namespace headroom {
template <>
std::span<const Named<cli::Format>> values_of<cli::Format>();
template <>
std::span<const Named<cli::Colour>> values_of<cli::Colour>();
}  // namespace headroom

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/named.h>

#include "console.h"
#include "style.h"

namespace CLI {
class App;
}

namespace headroom::cli {

enum class Format : std::uint8_t { table, json, csv, trace, jsonl };
enum class Colour : std::uint8_t { automatic, always, never };

/// How a result is printed, as typed; read when it is printed.
class OutputOptions {
 public:
  /// Adds --format, with the formats that every command has, and --color, whose values are kept here.
  void add_to(CLI::App& app);
  /// The same for a long result, with its own formats, the first of them where none is asked for, and --output.
  void add_to(CLI::App& app, const std::vector<Format>& formats);
  /// Throw InputError for a value that is not accepted.
  [[nodiscard]] Format format() const;
  [[nodiscard]] Style style(const Console& console) const;
  /// Path of the file that a long result goes to; empty: standard output.
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  void add_format_and_colour(CLI::App& app, const std::vector<Format>& formats);

  std::vector<Format> formats_;
  std::string format_;
  std::string colour_;
  std::string output_;
};

}  // namespace headroom::cli

namespace headroom {
template <>
std::span<const Named<cli::Format>> values_of<cli::Format>();
template <>
std::span<const Named<cli::Colour>> values_of<cli::Colour>();
}  // namespace headroom

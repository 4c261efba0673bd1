#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace headroom::cli {

/// An option or a positional argument, as --help describes it.
struct ArgumentDescription {
  std::vector<std::string> names;  ///< "-h", "--help"; empty: positional
  std::string placeholder;         ///< what stands for its value; empty: a switch
  std::string description;
  std::string group;     ///< the heading of --help
  bool is_list = false;  ///< takes every value up to the next option

  [[nodiscard]] bool operator==(const ArgumentDescription&) const = default;
  [[nodiscard]] bool is_positional() const { return names.empty(); }
  [[nodiscard]] bool takes_value() const { return !placeholder.empty(); }
};

/// A command, or the program itself.
struct CommandDescription {
  std::string name;
  std::string description;
  std::vector<ArgumentDescription> arguments;  ///< in the order of --help
};

/// What the manual page and completion are made of, so that a new command or option appears in both.
struct ProgramDescription {
  std::string version;  ///< "headroom 0.1.0"
  CommandDescription program;
  std::vector<CommandDescription> commands;
};

[[nodiscard]] ProgramDescription describe(const CLI::App& program);

}  // namespace headroom::cli

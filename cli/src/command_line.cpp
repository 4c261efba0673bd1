#include "command_line.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/presets.h>

#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLongestQuote = 60;

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string hint(std::string_view given, const std::vector<std::string>& names, const std::string& otherwise) {
  const std::string_view nearest = nearest_name(given, {names.begin(), names.end()});
  return nearest.empty() ? otherwise : fmt::format("did you mean {}?", nearest);
}

std::string in_quotes(std::string_view text) { return "'" + clip(text, kLongestQuote) + "'"; }

std::string title(const CLI::App& app) { return app.get_parent() == nullptr ? "the program itself" : app.get_name(); }

/// The option that a message of the parser begins with: "--model: 1 required", "dropout was given ...".
std::string option_in(const std::string& message) {
  const std::string name = clip(message.substr(0, message.find_first_of(": ")), kLongestQuote);
  return name.substr(0, 1) == "-" ? name : "--" + name;
}

[[noreturn]] void refuse_option(const CLI::App& app, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  throw InputError(fmt::format("{} has no option {}; {}", title(app), in_quotes(name),
                               hint(name, option_names(app), "--help lists its options")));
}

[[noreturn]] void refuse_command(const CLI::App& program, const std::string& argument) {
  const std::vector<std::string> names = command_names(program);
  throw InputError(fmt::format("there is no command {}; {}", in_quotes(argument),
                               hint(argument, names, fmt::format("there are {}", fmt::join(names, ", ")))));
}

}  // namespace

std::string sentence_for(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string option = option_in(text);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    if (text.find("At Most") != std::string::npos) return fmt::format("{} is given more than once", option);
    if (text.find("flag override") != std::string::npos)
      return fmt::format("{} is a switch and takes no value", option);
    return fmt::format("{} needs a value", option);
  }
  return fmt::format("the arguments could not be read ({})", printable(text));
}

void refuse_leftovers(const CLI::App& app) {
  const std::vector<std::string> leftovers = app.remaining();
  if (leftovers.empty()) return;
  const std::string& first = leftovers.front();
  if (first.size() > 1 && first.front() == '-') refuse_option(app, first);
  if (!command_names(app).empty()) refuse_command(app, first);
  throw InputError(fmt::format("{} has no use for {}; --help lists its options", title(app), in_quotes(first)));
}

void throw_no_command(const CLI::App& program) {
  throw InputError(
      fmt::format("a command is missing: give one of {}, or --help", fmt::join(command_names(program), ", ")));
}

}  // namespace headroom::cli

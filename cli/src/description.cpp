#include "description.h"

#include <CLI/CLI.hpp>

namespace headroom::cli {
namespace {

ArgumentDescription describe_argument(const CLI::Option& option) {
  ArgumentDescription argument;
  for (const std::string& name : option.get_snames()) argument.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) argument.names.push_back("--" + name);
  argument.placeholder = argument.is_positional() ? option.get_name(true, false) : option.get_option_text();
  argument.description = option.get_description();
  argument.group = option.get_group();
  argument.is_list = option.get_items_expected_max() > 1;
  return argument;
}

CommandDescription describe_command(const CLI::App& app) {
  CommandDescription command{app.get_name(), app.get_description(), {}};
  for (const CLI::Option* option : app.get_options()) command.arguments.push_back(describe_argument(*option));
  return command;
}

}  // namespace

ProgramDescription describe(const CLI::App& program) {
  ProgramDescription description{program.version(), describe_command(program), {}};
  for (const CLI::App* command : program.get_subcommands({}))
    description.commands.push_back(describe_command(*command));
  return description;
}

}  // namespace headroom::cli

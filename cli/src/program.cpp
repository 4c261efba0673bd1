#include "program.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>

#include "command_line.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "help.h"

namespace headroom::cli {
namespace {

constexpr const char* kDescription =
    "How long a context fits, where the memory goes, and what would get you further: training memory of transformers, "
    "predicted tensor by tensor.";

std::string footer() {
  std::string codes;
  for (const ExitCode& code : kExitCodes)
    codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", code.value, code.meaning);
  return fmt::format("{} Exit codes: {}.", kUnits, codes);
}

void prepare(CLI::App& app) {
  app.formatter(std::dynamic_pointer_cast<CLI::Formatter>(help_formatter()));
  app.set_help_flag("-h,--help", "print this help")->group(kOutputGroup);
  app.footer(footer());
  app.allow_extras();
}

}  // namespace

Program::Program() : app_(std::make_unique<CLI::App>(kDescription, "headroom")) {
  prepare(*app_);
  app_->set_version_flag("--version", "headroom " HEADROOM_VERSION, "print the version");
  app_->require_subcommand(0, 1);
  for (const Command& command : commands()) {
    CLI::App* parser = app_->add_subcommand(command.name, command.description);
    actions_.emplace_back(parser, command.add(*parser));
    prepare(*parser);
  }
}

Program::~Program() = default;

int Program::run(int argc, const char* const* argv, Console& console) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    console.out(app_->help());
    return kFits;
  } catch (const CLI::CallForVersion&) {
    console.out(app_->version() + "\n");
    return kFits;
  } catch (const CLI::ParseError& error) {
    throw InputError(sentence_for(error));
  }
  return act(console);
}

int Program::act(Console& console) {
  refuse_leftovers(*app_);
  for (const auto& [parser, action] : actions_) {
    if (!parser->parsed()) continue;
    refuse_leftovers(*parser);
    return action(console);
  }
  throw_no_command(*app_);
}

}  // namespace headroom::cli

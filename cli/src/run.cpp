#include "run.h"

#include <new>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>

#include "command.h"
#include "command_line.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "help.h"
#include "interruption.h"
#include "text.h"

namespace headroom::cli {
namespace {

constexpr const char* kDescription =
    "How long a context fits, where the memory goes, and what would get you further: training memory of transformers, "
    "predicted tensor by tensor.";
constexpr const char* kFooter =
    "Lengths take K and M in the binary sense: 128K = 131072 tokens, 1M = 1048576. Sizes take KiB, MiB, GiB (binary) "
    "and KB, "
    "MB, GB (decimal). Exit codes: 0 it fits or agrees, 1 a check failed, 2 wrong usage or input, 3 it does not fit, "
    "130 "
    "interrupted.";

/// The parser with every command and what each does.
class Program {
 public:
  Program() : app_(kDescription, "headroom") {
    prepare(app_);
    app_.set_version_flag("--version", "headroom " HEADROOM_VERSION, "print the version");
    app_.require_subcommand(0, 1);
    for (const Command& command : commands()) {
      CLI::App* parser = app_.add_subcommand(command.name, command.description);
      actions_.emplace_back(parser, command.add(*parser));
      prepare(*parser);
    }
  }

  [[nodiscard]] int run(int argc, const char* const* argv, Console& console) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      console.out(app_.help());
      return kFits;
    } catch (const CLI::CallForVersion&) {
      console.out(app_.version() + "\n");
      return kFits;
    } catch (const CLI::ParseError& error) {
      throw InputError(sentence_for(error));
    }
    return act(console);
  }

 private:
  static void prepare(CLI::App& app) {
    app.formatter(std::dynamic_pointer_cast<CLI::Formatter>(help_formatter()));
    app.set_help_flag("-h,--help", "print this help")->group(kOutputGroup);
    app.footer(kFooter);
    app.allow_extras();
  }

  int act(Console& console) {
    refuse_leftovers(app_);
    for (const auto& [parser, action] : actions_) {
      if (!parser->parsed()) continue;
      refuse_leftovers(*parser);
      return action(console);
    }
    throw_no_command(app_);
  }

  CLI::App app_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

int fail(Console& console, std::string_view sentence) noexcept {
  try {
    console.err("headroom: " + printable(sentence) + "\n");
  } catch (...) {
    console.err("headroom: out of memory\n");
  }
  return kInputError;
}

}  // namespace

int run(int argc, const char* const* argv, Console& console) noexcept {
  try {
    return Program().run(argc, argv, console);
  } catch (const std::bad_alloc&) {
    return fail(console, "there is not enough memory to answer this; make the sizes given smaller");
  } catch (const Interrupted& interrupted) {
    fail(console, interrupted.what());
    return kInterrupted + interrupted.signal();
  } catch (const InputError& error) {
    return fail(console, error.what());
  } catch (const OutputError& error) {
    return fail(console, error.what());
  } catch (const std::exception& error) {
    return fail(console, std::string("this should not have happened, please report it: ") + error.what());
  }
}

}  // namespace headroom::cli

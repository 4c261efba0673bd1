#include "commands/reproduce.h"

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include <headroom/models/error.h>

#include "commands/commands.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  bool all = false;
  OutputOptions output;
};

std::vector<std::string> every_name() {
  const std::vector<std::string_view> names = reproduction_names();
  return {names.begin(), names.end()};
}

ReproduceResult answer(const Options& options) {
  if (options.all && !options.names.empty()) throw InputError("names and --all exclude each other: give one of them");
  ReproduceResult result;
  result.is_list = options.names.empty() && !options.all;
  for (const std::string& name : options.names.empty() ? every_name() : options.names) {
    Read<Reproduction> read = read_reproduction(name);
    result.notes.insert(result.notes.end(), read.notes.begin(), read.notes.end());
    sim::Reproduced rows = sim::reproduce(read.value);
    result.tables.push_back({std::move(read.value), std::move(rows)});
  }
  return result;
}

}  // namespace

int exit_code(const ReproduceResult& result) {
  const bool agrees = std::all_of(result.tables.begin(), result.tables.end(),
                                  [](const ReproducedTable& table) { return table.result.agrees(); });
  return agrees ? kFits : kCheckFailed;
}

Action add_reproduce(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("NAME", options->names,
                 "papers' tables (without a name all are listed), or files of the same form (docs/reproductions.md)");
  app.add_flag("--all", options->all, "every table that is known by name")
      ->disable_flag_override()
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

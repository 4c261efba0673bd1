#include "commands/validate.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/record.h>

#include "commands/commands.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "live_records.h"
#include "output_options.h"
#include "record_files.h"

namespace headroom::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool live = false;
  bool all = false;
  OutputOptions output;
};

void add_record(ValidateResult& result, const std::string& path) {
  Read<Record> read = read_record(path);
  for (const std::string& note : read.notes) result.notes.push_back(note);
  try {
    const sim::Check check = sim::check(read.value);
    result.records.push_back({path, std::move(read.value.job), check});
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", path, error.what()));
  }
}

void add_records(ValidateResult& result, const RecordFiles& files) {
  result.errors.insert(result.errors.end(), files.errors.begin(), files.errors.end());
  for (const std::string& path : files.paths) {
    try {
      add_record(result, path);
    } catch (const InputError& error) {
      result.errors.emplace_back(error.what());
    }
  }
}

ValidateResult answer(const Options& options, Console& console) {
  if (options.files.empty() && !options.live)
    throw InputError("records are missing: give files, folders, or --live to measure some now");
  ValidateResult result;
  result.with_all_categories = options.all;
  add_records(result, find_records(options.files));
  if (options.live) {
    const std::size_t first = result.records.size();
    const LiveRecords live(console);
    add_records(result, live.files());
    for (std::size_t i = first; i < result.records.size(); ++i) result.records[i].name = "live measurement";
  }
  return result;
}

}  // namespace

std::size_t ValidateResult::agreeing() const {
  return static_cast<std::size_t>(
      std::count_if(records.begin(), records.end(), [](const ValidatedRecord& r) { return r.check.agrees(); }));
}

int exit_code(const ValidateResult& result) {
  if (!result.errors.empty()) return kInputError;
  return result.agreeing() == result.records.size() ? kFits : kCheckFailed;
}

Action add_validate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("FILE", options->files, "records (docs/records.md), or folders of them");
  app.add_flag("--live", options->live, "measure a small model by every method now and validate that")
      ->disable_flag_override()
      ->group(kQuestionGroup);
  app.add_flag("--all", options->all, "also print the categories that agree")
      ->disable_flag_override()
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) {
    const ValidateResult result = answer(*options, console);
    for (const std::string& error : result.errors) console.err(fmt::format("headroom: {}\n", printable(error)));
    return deliver(result, options->output, console);
  };
}

}  // namespace headroom::cli

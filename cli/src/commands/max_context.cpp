#include "commands/max_context.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "commands/commands.h"
#include "deliver.h"
#include "exit_code.h"
#include "grid_option.h"
#include "job_request.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  GridOption grid;
  OutputOptions output;
};

MaxContextResult answer(const Options& options) {
  const JobRequest request = options.job.build();
  MaxContextResult result;
  result.grid = options.grid.grid();
  result.is_list = request.is_list;
  result.predictions = predict_longest(request, result.grid);
  result.notes = notes_on(request, result.predictions);
  if (exit_code(result) == kDoesNotFit) {
    result.nothing_fits = explain_nothing_fits(result.predictions, result.grid);
  } else if (!result.is_list) {
    const Prediction& only = result.predictions.front();
    result.suggestions = sim::suggest_changes(only.job, result.grid, only.longest->tokens);
  }
  return result;
}

}  // namespace

int exit_code(const MaxContextResult& result) { return exit_code_for(result.predictions); }

Action add_max_context(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::several, JobOptions::Length::none);
  options->grid.add_to(app);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

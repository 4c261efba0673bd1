#include "commands/max_context.h"

#include <algorithm>
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

Tokens furthest(const std::vector<Prediction>& predictions) {
  Tokens tokens(0);
  for (const Prediction& prediction : predictions) {
    if (prediction.longest) tokens = std::max(tokens, prediction.longest->tokens);
  }
  return tokens;
}

MaxContextResult answer(const Options& options) {
  const JobRequest request = options.job.build();
  MaxContextResult result;
  result.grid = options.grid.grid();
  result.is_list = request.is_list;
  result.predictions = predict_longest(request, result.grid);
  result.notes = notes_on(request, result.predictions);
  if (exit_code(result) == kDoesNotFit) {
    result.nothing_fits = explain_nothing_fits(result.predictions, result.grid);
  } else {
    result.further = ways_beyond(result.predictions, result.grid, furthest(result.predictions));
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

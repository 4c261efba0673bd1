#include "commands/max_batch.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/sim/max_context.h>

#include "commands/commands.h"
#include "commands/nothing_fits.h"
#include "deliver.h"
#include "exit_code.h"
#include "job_request.h"
#include "output_options.h"
#include "wording.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  OutputOptions output;
};

/// How far one sequence gets by the method that gets furthest.
std::string remedy(const std::vector<Prediction>& predictions) {
  std::pair<Tokens, std::string> furthest;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    const Tokens tokens = sim::longest_context(sim::Predictor(prediction.job), {});
    if (tokens > furthest.first) furthest = {tokens, prediction.job.method.name};
  }
  if (furthest.first == Tokens(0)) return "no shorter one fits either";
  return fmt::format("one of {} would with {}", tokens_text(furthest.first), furthest.second);
}

MaxBatchResult answer(const Options& options) {
  if (options.job.gives("--batch")) throw InputError("--batch is what max-batch looks for; leave it out");
  const JobRequest request = options.job.build();
  MaxBatchResult result;
  result.is_list = request.is_list;
  result.predictions = predict_largest_batch(request);
  result.notes = notes_on(request, result.predictions);
  if (exit_code(result) == kDoesNotFit) {
    result.nothing_fits =
        fmt::format("Not one sequence fits: {}; {}.", shortage_text(result.predictions), remedy(result.predictions));
  }
  return result;
}

}  // namespace

int exit_code(const MaxBatchResult& result) { return exit_code_for(result.predictions); }

Action add_max_batch(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::several, JobOptions::Length::required);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

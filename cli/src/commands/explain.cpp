#include "commands/explain.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "commands/commands.h"
#include "deliver.h"
#include "help.h"
#include "job_request.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  bool sources = false;
  OutputOptions output;
};

ExplainResult answer(const Options& options) {
  const JobRequest request = options.job.build();
  const std::vector<Prediction> predictions = predict_at_length(request);
  const Job& job = predictions.front().job;
  return {predictions.front(), sim::Predictor(job).explain(job.seq), options.sources, notes_on(request, predictions)};
}

}  // namespace

int exit_code(const ExplainResult& result) { return exit_code_for({result.prediction}); }

Action add_explain(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  app.add_flag("--sources", options->sources, "also print each tensor's shape and source")
      ->disable_flag_override()
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

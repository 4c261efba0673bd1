#include "commands/compare.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "commands/commands.h"
#include "data_parts.h"
#include "deliver.h"
#include "exit_code.h"
#include "grid_option.h"
#include "honesty.h"
#include "job_request.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  GridOption grid;
  OutputOptions output;
};

CompareResult answer(const Options& options) {
  JobRequest request = options.job.build(false);
  request.is_list = true;
  CompareResult result;
  if (request.jobs.front().seq == Tokens(0)) {
    result.grid = options.grid.grid();
    result.predictions = predict_longest(request, *result.grid);
  } else {
    result.predictions = predict_at_length(request);
  }
  result.notes = notes_on(request, result.predictions);
  return result;
}

}  // namespace

nlohmann::ordered_json to_json(const CompareResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/compare/1"}};
  json["at"] = result.grid ? "longest" : "length";
  json["grid"] = result.grid ? grid_json(*result.grid) : nlohmann::ordered_json(nullptr);
  json["results"] = nlohmann::ordered_json::array();
  for (const Prediction& prediction : result.predictions) json["results"].push_back(prediction_json(prediction));
  add_honesty(json, {{result.predictions.front().job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const CompareResult& result) { return predictions_csv(result.predictions); }

int exit_code(const CompareResult& result) { return exit_code_for(result.predictions); }

Action add_compare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::several, JobOptions::Length::optional);
  options->grid.add_to(app);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/format.h>

#include "commands/commands.h"
#include "data_parts.h"
#include "deliver.h"
#include "honesty.h"
#include "job_request.h"
#include "labelled.h"
#include "memory_table.h"
#include "output_options.h"
#include "prediction.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kMaxRunnersUp = 3;

struct Options {
  JobOptions job;
  OutputOptions output;
};

struct BreakdownResult {
  Prediction prediction;
  std::vector<std::string> notes;
};

BreakdownResult answer(const Options& options) {
  const JobRequest request = options.job.build();
  const std::vector<Prediction> predictions = predict_at_length(request);
  return {predictions.front(), notes_on(request, predictions)};
}

std::string runners_up_text(const sim::Breakdown& breakdown, const Style& style) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kMaxRunnersUp, breakdown.runners_up.size()); ++i) {
    const sim::Peak& peak = breakdown.runners_up[i];
    text += labelled(i == 0 ? "Runners-up" : "",
                     fmt::format("{} allocated at {}", format_bytes(peak.allocated), moment_text(peak.moment)), style);
  }
  return text;
}

std::string to_text(const BreakdownResult& result, const Style& style) {
  const Job& job = result.prediction.job;
  const sim::Breakdown& breakdown = result.prediction.breakdown;
  const std::string verdict = result.prediction.fits() ? "fits" : "does not fit";
  return heading(fmt::format("{} at {} with {}: {}", subject_text(job), tokens_text(breakdown.seq), method_text(job),
                             verdict),
                 settings_text(job), style) +
         peak_line(breakdown, job.device) + memory_table(breakdown, job.device, style) + "\n" +
         runners_up_text(breakdown, style) + "\n" + honesty_text({{job}}, style);
}

nlohmann::ordered_json to_json(const BreakdownResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/breakdown/1"}};
  json.update(prediction_json(result.prediction));
  add_honesty(json, {{result.prediction.job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const BreakdownResult& result) { return predictions_csv({result.prediction}); }

int exit_code(const BreakdownResult& result) { return exit_code_for({result.prediction}); }

}  // namespace

Action add_breakdown(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

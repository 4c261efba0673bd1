#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/format.h>
#include <headroom/models/record.h>
#include <headroom/sim/check.h>

#include "check_parts.h"
#include "commands/commands.h"
#include "communication_parts.h"
#include "csv.h"
#include "data_parts.h"
#include "deliver.h"
#include "help.h"
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
  std::string record;  ///< path; empty: none
  OutputOptions output;
};

struct BreakdownResult {
  Prediction prediction;
  std::optional<sim::Check> check;  ///< against a record
  std::vector<std::string> notes;
};

BreakdownResult answer_to(const JobOptions& job) {
  const JobRequest request = job.build();
  const std::vector<Prediction> predictions = predict_at_length(request);
  return {predictions.front(), std::nullopt, notes_on(request, predictions)};
}

/// The record's job with the options given beside it, and what was measured.
BreakdownResult answer_against(const Options& options) {
  const Read<Record> record = read_record(options.record);
  JobOptions job = options.job;
  job.start_from(record.value.job);
  BreakdownResult result = answer_to(job);
  result.check = sim::check(record.value, result.prediction.breakdown);
  result.notes.insert(result.notes.begin(), record.notes.begin(), record.notes.end());
  if (result.prediction.job != record.value.job)
    result.notes.push_back(fmt::format("{} measured another job than the one predicted here", options.record));
  return result;
}

BreakdownResult answer(const Options& options) {
  return options.record.empty() ? answer_to(options.job) : answer_against(options);
}

std::string against_text(const BreakdownResult& result, const Style& style) {
  return result.check ? "\n" + check_table(*result.check, Figures::all, style) : std::string();
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
         peak_line(breakdown, job.device) + memory_table(breakdown, job.device, style) + against_text(result, style) +
         "\n" + memory_lines(job, breakdown, style) + runners_up_text(breakdown, style) + "\n" +
         communication_text(job, breakdown.seq, style) + honesty_text({{job}}, style);
}

nlohmann::ordered_json to_json(const BreakdownResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/breakdown/1"}};
  json.update(prediction_json(result.prediction));
  json["sent"] = communication_json(result.prediction.job, result.prediction.breakdown.seq);
  if (result.check) json["against"] = check_json(*result.check);
  add_honesty(json, {{result.prediction.job}});
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const BreakdownResult& result) {
  if (!result.check) return predictions_csv({result.prediction});
  std::string text = csv_record(check_header());
  for (const std::vector<std::string>& fields : check_fields(*result.check)) text += csv_record(fields);
  return text;
}

int exit_code(const BreakdownResult& result) { return exit_code_for({result.prediction}); }

}  // namespace

Action add_breakdown(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  app.add_option("--against", options->record,
                 "also print what this record measured; its job is the one asked about, with the options given over it")
      ->option_text("RECORD")
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli

#include "prediction.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/sim/arrangement.h>
#include <headroom/sim/honesty.h>

#include "exit_code.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Fill = std::function<void(const sim::Predictor&, Prediction&)>;
using Better = std::function<bool(const Prediction&, const Prediction&)>;

Prediction predict(const Job& job, bool may_be_refused, const Fill& fill) {
  Prediction prediction;
  prediction.job = job;
  prediction.status = sim::measured_status(job);
  try {
    const sim::Predictor predictor(job);
    prediction.warnings = predictor.warnings();
    fill(predictor, prediction);
  } catch (const InputError& error) {
    if (!may_be_refused) throw;
    prediction.refused = error.what();
  }
  return prediction;
}

/// How the devices can run the job; as it says itself where their number is not given.
std::vector<Degrees> arrangements_of(const JobRequest& request, const Job& job) {
  if (!request.devices) return {job.degrees};
  std::vector<Degrees> all = sim::arrangements(job, *request.devices);
  return all.empty() ? std::vector<Degrees>{{1, *request.devices, 1}} : all;  // which says why
}

/// The arrangement that gets furthest, the first of equals.
Prediction best(const JobRequest& request, Job job, const Fill& fill, const Better& is_better) {
  const std::vector<Degrees> all = arrangements_of(request, job);
  std::optional<Prediction> best;
  for (const Degrees& degrees : all) {
    job.degrees = degrees;
    Prediction prediction = predict(job, request.is_list || all.size() > 1, fill);
    const bool wins = !best || (!best->refused.empty() && prediction.refused.empty()) ||
                      (prediction.refused.empty() && is_better(prediction, *best));
    if (wins) best = std::move(prediction);
  }
  best->arrangements = static_cast<std::int64_t>(all.size());
  if (!best->refused.empty() && !request.is_list) throw InputError(best->refused);
  return *best;
}

std::vector<Prediction> predict_each(const JobRequest& request, const Fill& fill, const Better& is_better) {
  std::vector<Prediction> predictions;
  for (const Job& job : request.jobs) predictions.push_back(best(request, job, fill, is_better));
  const auto is_refused = [](const Prediction& p) { return !p.refused.empty(); };
  if (std::all_of(predictions.begin(), predictions.end(), is_refused)) throw InputError(predictions.front().refused);
  return predictions;
}

void add_once(std::vector<std::string>& notes, const std::string& note) {
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

std::string arrangement_text(const Prediction& prediction) {
  return fmt::format("{}: {}, which {} of the {} ways to arrange them", prediction.job.method.name,
                     format_degrees(prediction.job), prediction.longest ? "gets furthest" : "needs least",
                     prediction.arrangements);
}

}  // namespace

std::vector<Prediction> predict_at_length(const JobRequest& request) {
  return predict_each(
      request,
      [](const sim::Predictor& predictor, Prediction& prediction) {
        prediction.breakdown = predictor.breakdown(prediction.job.seq);
      },
      [](const Prediction& a, const Prediction& b) { return a.breakdown.device < b.breakdown.device; });
}

std::vector<Prediction> predict_longest(const JobRequest& request, const sim::Grid& grid) {
  return predict_each(
      request,
      [&grid](const sim::Predictor& predictor, Prediction& prediction) {
        prediction.longest = sim::max_context(predictor, grid);
        prediction.breakdown = prediction.longest->breakdown;
      },
      [](const Prediction& a, const Prediction& b) { return a.longest->tokens > b.longest->tokens; });
}

std::vector<std::string> notes_on(const JobRequest& request, const std::vector<Prediction>& predictions) {
  std::vector<std::string> notes = request.notes;
  Tokens longest;
  for (const Prediction& prediction : predictions) {
    for (const std::string& warning : prediction.warnings) add_once(notes, warning);
    if (prediction.arrangements > 1 && prediction.refused.empty()) notes.push_back(arrangement_text(prediction));
    if (prediction.fits()) longest = std::max(longest, prediction.breakdown.seq);
  }
  const Transformer& model = request.jobs.front().model;
  if (model.max_positions > 0 && longest.count() > model.max_positions) {
    notes.push_back(fmt::format("{} was made for {}; longer contexts need its positions extended", model.name,
                                tokens_text(Tokens(model.max_positions))));
  }
  return notes;
}

std::string common_settings_text(const std::vector<Prediction>& predictions) {
  Job job = predictions.front().job;
  const bool is_common = std::all_of(predictions.begin(), predictions.end(),
                                     [&](const Prediction& p) { return p.job.degrees == job.degrees; });
  if (!is_common) job.degrees = {};
  return settings_text(job);
}

int exit_code_for(const std::vector<Prediction>& predictions) {
  const bool one_fits =
      std::any_of(predictions.begin(), predictions.end(), [](const Prediction& p) { return p.fits(); });
  return one_fits ? kFits : kDoesNotFit;
}

}  // namespace headroom::cli

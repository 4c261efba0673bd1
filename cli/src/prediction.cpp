#include "prediction.h"

#include <algorithm>
#include <functional>
#include <string_view>
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
using Choose = std::function<sim::Arrangement(const Job&, std::int64_t devices)>;

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

/// With its devices arranged, where their number is given.
Prediction predict_arranged(const JobRequest& request, Job job, const Fill& fill, const Choose& choose) {
  const sim::Arrangement chosen = request.devices ? choose(job, *request.devices) : sim::Arrangement{job.degrees, 1};
  job.degrees = chosen.degrees;
  Prediction prediction = predict(job, request.is_list, fill);
  prediction.arrangements = chosen.ways;
  return prediction;
}

std::vector<Prediction> predict_each(const JobRequest& request, const Fill& fill, const Choose& choose) {
  std::vector<Prediction> predictions;
  for (const Job& job : request.jobs) predictions.push_back(predict_arranged(request, job, fill, choose));
  const auto is_refused = [](const Prediction& p) { return !p.refused.empty(); };
  if (std::all_of(predictions.begin(), predictions.end(), is_refused)) throw InputError(predictions.front().refused);
  return predictions;
}

void add_once(std::vector<std::string>& notes, const std::string& note) {
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

std::string_view merit_text(const Prediction& prediction) {
  if (prediction.largest) return "runs most sequences at a time";
  return prediction.longest ? "gets furthest" : "needs least";
}

std::string arrangement_text(const Prediction& prediction) {
  return fmt::format("{}: {}, which {} of the {} ways to arrange them", prediction.job.method.name,
                     format_degrees(prediction.job), merit_text(prediction), prediction.arrangements);
}

}  // namespace

std::vector<Prediction> predict_at_length(const JobRequest& request) {
  return predict_each(
      request,
      [](const sim::Predictor& predictor, Prediction& prediction) {
        prediction.breakdown = predictor.breakdown(prediction.job.seq);
      },
      sim::leanest_arrangement);
}

std::vector<Prediction> predict_longest(const JobRequest& request, const sim::Grid& grid) {
  return predict_each(
      request,
      [&grid](const sim::Predictor& predictor, Prediction& prediction) {
        prediction.longest = sim::max_context(predictor, grid);
        prediction.breakdown = prediction.longest->breakdown;
      },
      [&grid](const Job& job, std::int64_t devices) { return sim::furthest_arrangement(job, devices, grid); });
}

std::vector<Prediction> predict_largest_batch(const JobRequest& request) {
  return predict_each(
      request,
      [](const sim::Predictor&, Prediction& prediction) {
        prediction.largest = sim::max_batch(prediction.job);
        prediction.breakdown = prediction.largest->breakdown;
        prediction.job.batch = std::max<std::int64_t>(prediction.largest->batch, 1);
      },
      sim::busiest_arrangement);
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

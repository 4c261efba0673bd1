#include "model/prediction.h"

#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/arrangement.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/honesty.h>

#include "model/text.h"

namespace headroom::gui {

Prediction predict(const Job& job) {
  Prediction prediction;
  prediction.job = job;
  prediction.status = sim::measured_status(job);
  try {
    const sim::Predictor predictor(job);
    prediction.warnings = predictor.warnings();
    prediction.breakdown = predictor.breakdown(job.seq);
    prediction.longest = sim::max_context(predictor, sim::Grid{});
  } catch (const InputError& error) {
    prediction.refused = error.what();
    prediction.breakdown.reset();
  }
  return prediction;
}

std::vector<Job> jobs_by_method(const Job& job) {
  std::vector<Job> jobs;
  bool has_own = false;
  for (const std::string_view name : methods_on(job.degrees)) {
    Job variant = job;
    if (name == job.method.name) {
      has_own = true;
    } else {
      variant.method = method_preset(name).method;
    }
    jobs.push_back(std::move(variant));
  }
  if (!has_own) jobs.push_back(job);
  return jobs;
}

std::vector<Prediction> predict_methods(const Job& job) {
  std::vector<Prediction> predictions;
  for (const Job& variant : jobs_by_method(job)) predictions.push_back(predict(variant));
  return predictions;
}

std::vector<sim::LiveTensor> tensors_of(const Job& job, Category category, sim::Memory memory) {
  const sim::Predictor predictor(job);
  std::vector<sim::LiveTensor> tensors =
      (memory == sim::Memory::host ? predictor.explain_host(job.seq) : predictor.explain(job.seq)).tensors;
  std::erase_if(tensors, [category](const sim::LiveTensor& tensor) { return tensor.category != category; });
  return tensors;
}

Arranged arranged(Job job, std::int64_t devices) {
  job.degrees = {.pipeline = job.degrees.pipeline};
  const sim::Arrangement chosen = sim::furthest_arrangement(job, devices, sim::Grid{});
  job.degrees = chosen.degrees;
  return {std::move(job), chosen.ways};
}

QString refusal(const Job& job) {
  try {
    sim::check_combination(job);
  } catch (const InputError& error) {
    return to_qt(error.what());
  }
  return {};
}

}  // namespace headroom::gui

#include <headroom/models/error.h>
#include <headroom/models/job_field.h>
#include <headroom/models/presets.h>
#include <headroom/sim/predictor.h>

#include "catch.h"

using namespace headroom;

namespace {

Job job_with(std::string_view method) {
  Job job;
  job.model = model_preset("gpt2");
  job.device = device_preset("a100-80gb");
  job.method = method_preset(method).method;
  return job;
}

/// A value that the job does not have.
std::string other_text(const JobField& field, const Job& job) {
  if (field.kind == FieldKind::toggle) return field.show(job) == "true" ? "false" : "true";
  if (field.kind == FieldKind::chunk) return "48";
  if (field.kind == FieldKind::bytes) return "4GiB";
  return field.kind == FieldKind::count ? "2" : std::string(field.values.back().name);
}

}  // namespace

TEST_CASE("a field that does not apply makes no difference to the memory") {
  for (const std::string_view method : method_names()) {
    for (const JobField& field : job_fields()) {
      Job job = job_with(method);
      for (const OptimizerKind kind : {OptimizerKind::adamw, OptimizerKind::adafactor, OptimizerKind::sgd}) {
        job.optimizer.kind = kind;
        if (field.applies(job)) continue;
        Job changed = job;
        field.set(changed, other_text(field, job), field.title);
        CHECK_FALSE(changed == job);
        try {
          const sim::Peak peak = sim::Predictor(changed).peak(Tokens(1000));
          CHECK(peak == sim::Predictor(job).peak(Tokens(1000)));
        } catch (const InputError&) {
          CHECK((field.name == "key-values" || field.name == "sequence-parallel"));
        }
      }
    }
  }
}

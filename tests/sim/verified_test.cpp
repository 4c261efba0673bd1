// What answers say of their own combination of choices.

#include <algorithm>
#include <string>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/honesty.h>
#include <headroom/sim/verified.h>

#include "catch.h"

namespace headroom::test {
namespace {

/// With a model that nothing refuses.
Job job_with(std::string_view method) {
  Job job;
  job.model = model_preset("llama-3-8b");
  job.device = device_preset("a100-80gb");
  job.method = method_preset(method).method;
  return job;
}

bool is_listed(const Job& job) {
  const sim::Axes axes = sim::axes_of(job);
  const auto rows = sim::verified_rows();
  return std::any_of(rows.begin(), rows.end(), [&](const sim::VerifiedRow& row) { return row.axes == axes; });
}

bool is_refused(const Job& job) {
  try {
    (void)sim::check_combination(job);
    return false;
  } catch (const InputError&) {
    return true;
  }
}

bool begins(const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; }

}  // namespace

TEST_CASE("the verified rows are sorted, each combination stands there once and with at least one job") {
  const auto rows = sim::verified_rows();
  const auto unsorted =
      std::adjacent_find(rows.begin(), rows.end(), [](const auto& x, const auto& y) { return !(x.axes < y.axes); });
  CHECK(unsorted == rows.end());
  for (const sim::VerifiedRow& row : rows) CHECK(row.count > 0);
}

TEST_CASE(
    "a job as it is by default is verified with every method, recompute and precision, on the host and not on CUDA") {
  for (const std::string_view name : method_names()) {
    for (const auto& recompute : values_of<RecomputeKind>()) {
      for (const auto& precision : values_of<Precision>()) {
        Job job = job_with(name);
        job.recompute = {recompute.value, 2};
        job.precision = precision.value;
        if (is_refused(job)) continue;  // it offloads checkpoints that there are none of
        const std::string status = sim::measured_status(job);
        INFO(name << " " << recompute.name << " " << precision.name << ": " << status);
        CHECK(begins(status, "verified: equal to the byte in "));
        CHECK(status.find("on the host backend; CUDA: ") != std::string::npos);
      }
    }
  }
}

TEST_CASE("a job is called verified exactly where its combination is listed, and its choices are named otherwise") {
  int unlisted = 0;
  for (const std::string_view name : method_names()) {
    for (const bool accumulate : {false, true}) {
      for (const bool dropout : {false, true}) {
        for (const auto& states : values_of<StateDType>()) {
          Job job = job_with(name);
          job.accumulate = accumulate;
          job.dropout = dropout;
          job.optimizer.states = states.value;
          const std::string status = sim::measured_status(job);
          CHECK(begins(status, is_listed(job) ? "verified: " : "not yet measured in this combination: each of its"));
          unlisted += is_listed(job) ? 0 : 1;
        }
      }
    }
  }
  CHECK(unlisted > 0);
}

TEST_CASE("the moments' type makes no difference to an optimizer that has none") {
  Job job = job_with("flash");
  job.optimizer = {.kind = OptimizerKind::sgd, .states = StateDType::bf16};
  Job other = job;
  other.optimizer.states = StateDType::fp32;
  CHECK(sim::axes_of(job) == sim::axes_of(other));
}

TEST_CASE("a choice that no row has met is named") {
  Job job = job_with("vanilla");
  job.method.key_values = KeyValues::recomputed;
  CHECK(begins(sim::measured_status(job), "not yet measured"));
  job.method.head = static_cast<Head>(99);
  CHECK(begins(sim::measured_status(job), "not yet measured: head ?, which no regression row has"));
}

TEST_CASE("a pipeline, which no layers have run, is not called verified") {
  Job job = job_with("flash");
  REQUIRE(begins(sim::measured_status(job), "verified: "));
  job.degrees.pipeline = 2;
  CHECK(begins(sim::measured_status(job), "not yet measured: pipeline parallelism on, which no regression row has"));
}

TEST_CASE("of a method by itself every row of its combination counts, whatever the training") {
  for (const std::string_view name : method_names()) {
    const std::string status = sim::measured_status(method_preset(name).method);
    CHECK(begins(status, "verified: "));
    const bool shares = method_preset(name).method.sequence != SequenceDistribution::none;
    CHECK((shares || status != sim::measured_status(job_with(name))));
  }
}

}  // namespace headroom::test

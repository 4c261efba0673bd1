// Inference that is run beside inference that is predicted: peaks, and every birth and death in its order.

#include "catch.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <headroom/sim/check.h>

#include "bench.h"
#include "inference_jobs.h"
#include "mutants.h"

namespace headroom {
namespace {

/// All but parameters, which both sides bear first, each in an order of its own.
std::vector<test::StepEvent> without_parameters(std::vector<test::StepEvent> events) {
  const auto is_parameter = [](const test::StepEvent& event) { return event.category == Category::parameters; };
  events.erase(std::remove_if(events.begin(), events.end(), is_parameter), events.end());
  return events;
}

bool is_same(const test::StepEvent& x, const test::StepEvent& y) {
  return x.born == y.born && x.bytes == y.bytes && x.category == y.category;
}

std::string text_of(const test::StepEvent& event) {
  return fmt::format("{} {} {} {}", event.born ? "+" : "-", event.bytes.count(), event.tensor, name_of(event.category));
}

/// Where the two first tell different things; empty where they never do.
std::string first_difference(const std::vector<test::StepEvent>& measured,
                             const std::vector<test::StepEvent>& predicted) {
  const std::size_t shared = std::min(measured.size(), predicted.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (is_same(measured[i], predicted[i])) continue;
    return fmt::format("event {}: measured {}, predicted {}", i, text_of(measured[i]), text_of(predicted[i]));
  }
  if (measured.size() == predicted.size()) return {};
  return fmt::format("{} events measured, {} predicted", measured.size(), predicted.size());
}

}  // namespace

TEST_CASE("inference that is run allocates what is predicted, to the byte and birth by birth") {
  std::size_t rows = 0;
  for (const test::NamedJob& named : test::inference_jobs()) {
    const Record record = test::measured(named.job);
    const sim::Predictor predictor(named.job);
    const auto measured = without_parameters(test::measured_events(record));
    const auto predicted = without_parameters(test::predicted_events(predictor, named.job.seq));
    const sim::Check check = sim::check(record);
    INFO(named.name << ": measured " << check.total.measured.count() << ", predicted " << check.total.predicted.count()
                    << "; " << first_difference(measured, predicted));
    CHECK(check.agrees());
    CHECK(first_difference(measured, predicted).empty());
    CHECK(record.allocated.categories[Category::kv_cache] > 0_B);
    ++rows;
  }
  fmt::print("compared {} measured jobs of inference with their predictions\n", rows);
  CHECK(rows == test::kInferenceRows);
}

}  // namespace headroom

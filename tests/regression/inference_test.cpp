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

/// A record keeps no more than so many events of a long timeline, and says so.
bool is_cut(const Record& record) {
  return std::any_of(record.notes.begin(), record.notes.end(),
                     [](const std::string& note) { return note.find("the timeline ends after") == 0; });
}

/// Where the two first tell different things; empty where they never do. Of a record that is cut, as far as it goes.
std::string first_difference(const Record& record, const std::vector<test::StepEvent>& predicted) {
  const auto measured = without_parameters(test::measured_events(record));
  const std::size_t shared = std::min(measured.size(), predicted.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (is_same(measured[i], predicted[i])) continue;
    return fmt::format("event {}: measured {}, predicted {}", i, text_of(measured[i]), text_of(predicted[i]));
  }
  if (measured.size() == predicted.size() || (is_cut(record) && measured.size() < predicted.size())) return {};
  return fmt::format("{} events measured, {} predicted", measured.size(), predicted.size());
}

}  // namespace

TEST_CASE("inference that is run allocates what is predicted, to the byte and birth by birth") {
  std::size_t rows = 0;
  for (const test::NamedJob& named : test::inference_jobs()) {
    const Record record = test::measured(named.job);
    const sim::Predictor predictor(named.job);
    const auto predicted = without_parameters(test::predicted_events(predictor, named.job.seq));
    const std::string difference = first_difference(record, predicted);
    const sim::Check check = sim::check(record);
    INFO(named.name << ": measured " << check.total.measured.count() << ", predicted " << check.total.predicted.count()
                    << "; " << difference);
    CHECK(check.agrees());
    CHECK(difference.empty());
    CHECK(record.allocated.categories[Category::kv_cache] > 0_B);
    ++rows;
  }
  fmt::print("compared {} measured jobs of inference with their predictions\n", rows);
  CHECK(rows == test::kInferenceRows);
}

}  // namespace headroom

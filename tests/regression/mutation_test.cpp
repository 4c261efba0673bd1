#include "catch.h"

#include <fmt/format.h>

#include <headroom/models/presets.h>

#include "bench.h"
#include "mutants.h"
#include "mutation_suite.h"

namespace headroom {
namespace {

/// The presets, and the blockwise method that recomputes keys and values.
std::vector<test::Subject> subjects() {
  std::vector<test::Subject> list;
  for (const std::string_view name : methods_on({})) list.push_back({method_preset(name).method, {}});
  list.push_back({method_preset("bpt").method, {}});
  list.back().method.name = "bpt, key-values recomputed";
  list.back().method.key_values = KeyValues::recomputed;
  return list;
}

}  // namespace

TEST_CASE(
    "a prediction with a tensor dropped, doubled, of the wrong type or dying later fails and names its category") {
  const std::int64_t told = test::run_mutants(test::Side::prediction, subjects(), test::measured);
  fmt::print("mutants of the prediction that change the peak: all {} killed\n", told);
  CHECK(told == test::kPredictionMutants);
}

TEST_CASE("layers with a tensor dropped, doubled, of the wrong type or dying later fail and name its category") {
  const std::int64_t told = test::run_mutants(test::Side::layers, subjects(), test::measured);
  fmt::print("mutants of the layers that change the peak: all {} killed\n", told);
  CHECK(told == test::kLayerMutants);
}

}  // namespace headroom

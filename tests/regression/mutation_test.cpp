#include "catch.h"

#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include <headroom/models/presets.h>

#include "bench.h"
#include "mutants.h"
#include "mutation_suite.h"

namespace headroom {
namespace {

void add_inference(std::vector<test::Subject>& list) {
  for (const std::string_view name : {"vanilla", "memory-efficient", "flash", "bpt", "mst"}) {
    test::Subject& subject = list.emplace_back(test::Subject{.method = method_preset(name).method, .degrees = {}});
    subject.method.name = fmt::format("{}, inference", name);
    subject.mode = Mode::inference;
  }
}

/// The presets, the blockwise method that recomputes keys and values, every structure of layers in some preset, and
/// inference.
std::vector<test::Subject> subjects() {
  std::vector<test::Subject> list;
  for (const std::string_view name : methods_on({})) list.push_back({method_preset(name).method, {}});
  list.push_back({method_preset("bpt").method, {}});
  list.back().method.name = "bpt, key-values recomputed";
  list.back().method.key_values = KeyValues::recomputed;
  constexpr std::string_view kMethods[] = {"flash", "bpt", "mst"};
  for (const test::Structure& structure : test::structures()) {
    const std::string_view method = kMethods[list.size() % std::size(kMethods)];
    test::Subject& subject = list.emplace_back(test::Subject{.method = method_preset(method).method, .degrees = {}});
    subject.method.name = fmt::format("{}, {}", method, structure.name);
    subject.structure = structure;
  }
  add_inference(list);
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

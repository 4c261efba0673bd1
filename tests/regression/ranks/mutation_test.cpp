#include <headroom/models/presets.h>

#include "catch.h"
#include "mutation_suite.h"
#include "on_ranks.h"

namespace headroom {
namespace {

/// The presets that share sequences or tensors, and a ring that shares states out.
std::vector<test::Subject> subjects() {
  const Degrees degrees{.sequence = test::ranks_present(), .ulysses = 2};
  std::vector<test::Subject> list;
  for (const std::string_view name : methods_on(degrees)) {
    list.push_back({method_preset(name).method, degrees, 4, 2});
  }
  for (const std::string_view name : {"flash", "megatron-sp"}) {
    list.push_back({method_preset(name).method, {.tensor = test::ranks_present()}, 4, 2});
  }
  for (const StateSharding sharding : {StateSharding::zero1, StateSharding::zero2, StateSharding::zero3}) {
    list.push_back({method_preset("ring").method, degrees, 4, 2});
    list.back().method.sharding = sharding;
    list.back().method.name = "ring, " + std::string(name_of(sharding));
  }
  return list;
}

Record measured(const Job& job) { return test::measured_on_this_rank(job); }

}  // namespace

TEST_CASE("on ranks a prediction with a wrong tensor fails and names its category") {
  CHECK(test::run_mutants(test::Side::prediction, subjects(), measured) > 1000);
}

TEST_CASE("ranks whose layers have a wrong tensor fail and name its category") {
  CHECK(test::run_mutants(test::Side::layers, subjects(), measured) > 1000);
}

}  // namespace headroom

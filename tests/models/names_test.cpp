#include <set>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/models/presets.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

TEMPLATE_TEST_CASE("every value has a name of its own that reads back, and a description", "", Norm, Positions,
                   Activation, Residual, Attention, FeedForward, Head, KeyValues, RecomputeKind, ChunkRule, Precision,
                   OptimizerKind, StateDType, Category, Certainty) {
  std::set<std::string_view> names;
  for (const auto& named : values_of<TestType>()) {
    CHECK(names.insert(named.name).second);
    CHECK_FALSE(named.description.empty());
    CHECK(name_of(named.value) == named.name);
    CHECK(value_of<TestType>(named.name, "it") == named.value);
  }
  CHECK(names_of<TestType>().size() == names.size());
}

TEST_CASE("a name that is none of the values is refused with the nearest") {
  CHECK_THAT(refusal([] { (void)value_of<Attention>("flsh", "--attention"); }),
             Catch::Matchers::Equals(
                 "--attention must be one of vanilla, memory-efficient, flash, not 'flsh'; did you mean 'flash'?"));
  CHECK_THAT(refusal([] { (void)value_of<Norm>("batchnorm-2d-x", "norm"); }), !contains("did you mean"));
}

TEST_CASE("the nearest name is the one with the fewest slips of the pen") {
  const std::vector<std::string_view> names{"llama-3-8b", "llama-3-70b", "A100-80GB", "A100-40GB", "gpt2"};
  CHECK(nearest_name("llama3-8b", names) == "llama-3-8b");
  CHECK(nearest_name("LLAMA-3-8B", names) == "llama-3-8b");
  CHECK(nearest_name("llama-8b", names) == "llama-3-8b");
  CHECK(nearest_name("a100-80g", names) == "A100-80GB");
  CHECK(nearest_name("A100", names) == "A100-80GB");
  CHECK(nearest_name("gtp2", names) == "gpt2");
  CHECK(nearest_name("modle", {"model", "mode"}) == "model");  // two exchanged are one slip
}

TEST_CASE("nothing is near an unlike, an empty or an endless name") {
  const std::vector<std::string_view> names{"llama-3-8b", "gpt2"};
  CHECK(nearest_name("mixtral", names).empty());
  CHECK(nearest_name("", names).empty());
  CHECK(nearest_name(std::string(1000000, 'l'), names).empty());
  CHECK(nearest_name("gpt2", {}).empty());
}

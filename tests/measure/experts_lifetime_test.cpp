// What a mixture of experts holds and when, worked out from docs/runtime.md section 6 by hand:
// "+name bytes category" is a birth, "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// One layer, 3 experts 3 wide of which a token passes 2, a shared one 5 wide with a gate; 2 tokens of 4; bf16, SGD.
Job tiny(RecomputeKind recompute) {
  Job job = test::tiny_job(1, 3);
  job.model.kinds[0].experts = Experts{3, 2, 5, true, true, {}};
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.recompute.kind = recompute;
  job.batch = 1;
  job.seq = Tokens(2);
  return job;
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(), name_of(event.label.category));
}

/// Of the first step's instant with this name, from the event `first` on, up to and with the next `last`.
Events between(const Job& job, std::string_view instant, const std::string& first, const std::string& last) {
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job);
  bench.memory.ledger().begin_timeline();
  (void)trainer.step();
  Events events;
  for (const Event& event : bench.memory.ledger().timeline()) {
    if (event.instant.name == instant) events.push_back(told(event));
  }
  const auto begin = std::find(events.begin(), events.end(), first);
  const auto end = std::find(begin, events.end(), last);
  REQUIRE(end != events.end());
  return {begin, end + 1};
}

const Events kBackward = {"+shared W_down 40 gradients",
                          "+gradient of activated of the shared expert 20 feed-forward",
                          "+W_down 72 gradients",
                          "-activated",
                          "+gradient of activated 24 feed-forward",
                          "-expert outputs",
                          "-up",
                          "+placed rows 32 feed-forward",
                          "+W_up 72 gradients",
                          "-placed rows",
                          "+gradient of the placed rows 32 feed-forward",
                          "-gradient of activated",
                          "+gradient of the feed-forward norm output 16 feed-forward",
                          "-gradient of the placed rows",
                          "+gradient of the router logits 24 feed-forward",
                          "-chosen experts",
                          "-places",
                          "-weights of the choice",
                          "-first places",
                          "+W_r 24 gradients",
                          "+router correction 6 gradients",
                          "-gradient of the router logits",
                          "+gradient of the shared expert's gate 8 feed-forward",
                          "-gate of the shared expert",
                          "-activated of the shared expert",
                          "-up of the shared expert",
                          "+shared W_up 40 gradients",
                          "+shared expert's gate 8 gradients",
                          "-feed-forward norm output",
                          "-gradient of activated of the shared expert",
                          "-gradient of the shared expert's gate",
                          "+feed-forward norm gain 8 gradients",
                          "-feed-forward norm statistics",
                          "-gradient of the feed-forward norm output",
                          "-r"};

}  // namespace

TEST_CASE("a forward that keeps leaves the choice, what the experts computed, and the shared one's") {
  CHECK(between(tiny(RecomputeKind::none), "layer forward", "+feed-forward norm output 16 saved-activations",
                "+activated of the shared expert 20 saved-activations") ==
        Events{"+feed-forward norm output 16 saved-activations", "+feed-forward norm statistics 8 saved-activations",
               "+router logits 24 feed-forward", "+chosen experts 16 saved-activations", "+places 16 saved-activations",
               "+weights of the choice 16 saved-activations", "+first places 16 saved-activations", "-router logits",
               "+placed rows 32 feed-forward", "+up 24 saved-activations", "-placed rows",
               "+activated 24 saved-activations", "+expert outputs 32 saved-activations", "+x 16 saved-activations",
               "+up of the shared expert 20 saved-activations", "+gate of the shared expert 8 saved-activations",
               "+activated of the shared expert 20 saved-activations"});
}

TEST_CASE("a forward that discards holds the routed experts' tensors no longer than to their sum") {
  CHECK(between(tiny(RecomputeKind::full), "layer forward", "+feed-forward norm output 16 feed-forward", "-r") ==
        Events{"+feed-forward norm output 16 feed-forward",
               "+router logits 24 feed-forward",
               "+chosen experts 16 feed-forward",
               "+places 16 feed-forward",
               "+weights of the choice 16 feed-forward",
               "+first places 16 feed-forward",
               "-router logits",
               "+placed rows 32 feed-forward",
               "+up 24 feed-forward",
               "-placed rows",
               "+expert outputs 32 feed-forward",
               "-up",
               "+x 16 saved-activations",
               "-expert outputs",
               "-chosen experts",
               "-places",
               "-weights of the choice",
               "-first places",
               "+up of the shared expert 20 feed-forward",
               "+gate of the shared expert 8 feed-forward",
               "-feed-forward norm output",
               "-up of the shared expert",
               "-gate of the shared expert",
               "-r"});
}

TEST_CASE("the recompute of a segment's last layer sums no experts") {
  CHECK(between(tiny(RecomputeKind::full), "layer recompute", "+up 24 feed-forward",
                "+activated of the shared expert 20 feed-forward") ==
        Events{"+up 24 feed-forward", "-placed rows", "+activated 24 feed-forward", "+expert outputs 32 feed-forward",
               "+up of the shared expert 20 feed-forward", "+gate of the shared expert 8 feed-forward",
               "+activated of the shared expert 20 feed-forward"});
}

TEST_CASE("experts' backward holds the rows of places twice at most, and the choice to the router's gradient") {
  const auto recompute = GENERATE(RecomputeKind::none, RecomputeKind::full);
  CHECK(between(tiny(recompute), "layer backward", "+shared W_down 40 gradients", "-r") == kBackward);
}

TEST_CASE("with a capacity there are as many places as it says, whatever the router chooses") {
  Job job = tiny(RecomputeKind::none);
  job.model.kinds[0].experts->capacity_factor = Rational(5, 4);  // ceil(1.25 * 2 * 2 / 3) = 2 places of 3 experts
  CHECK(between(job, "layer forward", "+placed rows 48 feed-forward", "+expert outputs 48 saved-activations") ==
        Events{"+placed rows 48 feed-forward", "+up 36 saved-activations", "-placed rows",
               "+activated 36 saved-activations", "+expert outputs 48 saved-activations"});
}

TEST_CASE("without a shared expert the norm's output dies behind the placed rows, and in backward behind W_r") {
  Job job = tiny(RecomputeKind::full);
  job.model.kinds[0].experts = Experts{3, 2, {}, false, false, {}};
  CHECK(between(job, "layer forward", "+placed rows 32 feed-forward", "+up 24 feed-forward") ==
        Events{"+placed rows 32 feed-forward", "-feed-forward norm output", "+up 24 feed-forward"});
  CHECK(between(job, "layer backward", "+W_r 24 gradients", "-gradient of the router logits") ==
        Events{"+W_r 24 gradients", "-feed-forward norm output", "-gradient of the router logits"});
}

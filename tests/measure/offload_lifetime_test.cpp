// What lives on the device and on the host where a job offloads, worked out from docs/runtime.md section 11 by hand:
// "+name bytes category" is a birth, "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include <headroom/measure/measurement.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// Three layers in segments of two; 2 tokens of 4; 2 query heads and 1 key head of 2; 3 wide feed-forward; 5 words;
/// bf16 with fp32 master copies and moments.
Job tiny() {
  Job job = test::tiny_job(3, 3);
  job.recompute = {RecomputeKind::every, 2};
  job.precision = Precision::bf16_mixed;
  job.batch = 1;
  job.seq = Tokens(2);
  job.method.offload_checkpoints = true;
  job.method.offload_optimizer = true;
  return job;
}

/// Of the embedding, of three layers, of the final norm and W_head, in the order of section 2; in elements.
const std::vector<std::int64_t> kParameters = {20, 4,  16, 8, 8,  16, 4, 12, 12, 4,  16, 8, 8, 16,
                                               4,  12, 12, 4, 16, 8,  8, 16, 4,  12, 12, 4, 20};
constexpr std::int64_t kElements = 284;

std::string told(const Event& event) {
  const std::string layer = event.instant.layer ? fmt::format(" {}", *event.instant.layer) : "";
  if (!event.birth) return fmt::format("{}{}: -{}", event.instant.name, layer, event.label.name);
  return fmt::format("{}{}: +{} {} {}", event.instant.name, layer, event.label.name, event.bytes.count(),
                     name_of(event.label.category));
}

/// Set-up and one step of both memories.
struct Traced {
  Events device;
  Events host;
  measure::Ledger::Peak host_peak;
  BytesByCategory host_behind;
  BytesByCategory device_behind;
};

Traced trace(const Job& job) {
  test::Bench bench;
  measure::Ledger &device = bench.memory.ledger(), &host = bench.host.ledger();
  device.begin_timeline();
  host.begin_timeline();
  Traced traced;
  {
    measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, measure::alone(), bench.host_side());
    (void)trainer.step();
    traced.host_behind = host.live_by_category();
    traced.device_behind = device.live_by_category();
    device.end_timeline();
    host.end_timeline();
  }
  CHECK(host.live() == 0_B);
  for (const Event& event : device.timeline()) traced.device.push_back(told(event));
  for (const Event& event : host.timeline()) traced.host.push_back(told(event));
  traced.host_peak = host.peak();
  return traced;
}

Events that_begin(const Events& events, const std::string& with) {
  Events some;
  std::copy_if(events.begin(), events.end(), std::back_inserter(some),
               [&](const std::string& event) { return event.rfind(with, 0) == 0; });
  return some;
}

/// The events of a tensor, wherever.
Events of_tensor(const Events& events, const std::string& name) {
  Events some;
  std::copy_if(events.begin(), events.end(), std::back_inserter(some), [&](const std::string& event) {
    return (event + " ").find("+" + name + " ") != std::string::npos ||
           (event + " ").find("-" + name + " ") != std::string::npos;
  });
  return some;
}

/// Three fp32 states a parameter, in the order of parameters.
Events expected_set_up() {
  Events events;
  for (const std::int64_t elements : kParameters) {
    for (const char* state : {"master copy", "first moment", "second moment"}) {
      events.push_back(fmt::format("set-up: +{} {} optimizer-state", state, 4 * elements));
    }
  }
  return events;
}

Events expected_update() {
  Events events;
  for (const std::int64_t elements : kParameters) {
    events.push_back(fmt::format("optimizer step: +copy of the gradient {} gradients", 2 * elements));
    events.push_back(fmt::format("optimizer step: +copy of the parameter {} parameters", 2 * elements));
    events.emplace_back("optimizer step: -copy of the gradient");
    events.emplace_back("optimizer step: -copy of the parameter");
  }
  return events;
}

}  // namespace

TEST_CASE("the host holds states always, a checkpoint from forward to recompute, copies around an update") {
  const Traced traced = trace(tiny());
  Events expected = expected_set_up();
  expected.insert(expected.end(), {"layer forward 0: +checkpoint 16 saved-activations",
                                   "layer forward 2: +checkpoint 16 saved-activations",
                                   "layer recompute 2: -checkpoint", "layer recompute 0: -checkpoint"});
  const Events update = expected_update();
  expected.insert(expected.end(), update.begin(), update.end());
  CHECK(traced.host == expected);
  CHECK(traced.host_behind[Category::optimizer_state] == Bytes(12 * kElements));
  CHECK(traced.host_behind.total() == Bytes(12 * kElements));
  CHECK(traced.device_behind[Category::parameters] == Bytes(2 * kElements));
  CHECK(traced.device_behind.total() == Bytes(2 * kElements));
}

TEST_CASE("on the device a checkpoint dies behind the residual sum of attention, and is born again for its segment") {
  const Traced traced = trace(tiny());
  CHECK(of_tensor(traced.device, "x") ==
        Events{"embedding: +x 16 saved-activations", "layer forward 0: -x", "layer forward 0: +x 16 saved-activations",
               "layer forward 1: -x", "layer forward 1: +x 16 saved-activations", "layer forward 2: -x",
               "layer forward 2: +x 16 saved-activations", "final norm backward: -x",
               "layer recompute 2: +x 16 saved-activations", "layer backward 2: -x",
               "layer recompute 0: +x 16 saved-activations", "layer recompute 0: +x 16 saved-activations",
               "layer backward 1: -x", "layer backward 0: -x"});
  const Events forward = that_begin(traced.device, "layer forward 0: ");
  const auto x = std::find(forward.begin(), forward.end(), "layer forward 0: -x");
  REQUIRE(x - forward.begin() > 2);
  CHECK(Events(x - 2, x) == Events{"layer forward 0: +r 16 saved-activations", "layer forward 0: -o"});
  CHECK(that_begin(traced.device, "layer recompute 2: ").front() == "layer recompute 2: +x 16 saved-activations");
  CHECK(that_begin(traced.device, "set-up: ").size() == kParameters.size());  // values alone
  CHECK(that_begin(traced.device, "optimizer step: +").empty());
}

TEST_CASE("in a blockwise layer the checkpoint dies behind K and V; without them its recompute is the copy alone") {
  Job job = tiny();
  job.method.attention = Attention::flash;
  job.method.feed_forward = FeedForward::blockwise;
  const Events forward = that_begin(trace(job).device, "layer forward 2: ");
  REQUIRE(forward.size() > 3);
  CHECK(Events(forward.end() - 3, forward.end()) ==
        Events{"layer forward 2: -K", "layer forward 2: -V", "layer forward 2: -x"});
  job.method.key_values = KeyValues::recomputed;
  CHECK(that_begin(trace(job).device, "layer recompute 2: ") == Events{"layer recompute 2: +x 16 saved-activations"});
}

TEST_CASE("the host's peak is its states and the first largest pair of copies, or all checkpoints") {
  Job job = tiny();
  const auto both = trace(job).host_peak;
  CHECK(both.total == Bytes(12 * kElements + 80));
  CHECK(both.instant.name == "optimizer step");
  CHECK(both.tensor == "copy of the parameter");
  CHECK(both.categories[Category::gradients] == 40_B);
  CHECK(both.categories[Category::parameters] == 40_B);
  job.method.offload_optimizer = false;
  job.recompute = {RecomputeKind::full, 1};
  const auto checkpoints = trace(job).host_peak;
  CHECK(checkpoints.total == 48_B);
  CHECK(checkpoints.categories[Category::saved_activations] == 48_B);
  CHECK(checkpoints.instant.name == "layer forward");
  CHECK(checkpoints.instant.layer == 2);
  CHECK(checkpoints.tensor == "checkpoint");
}

TEST_CASE(
    "the types on the host are those of states and parameters, and an optimizer without states offloads nothing") {
  Job job = tiny();
  job.method.offload_checkpoints = false;
  const auto [precision, optimizer, states, state_bytes, copy_bytes] =
      GENERATE(table<Precision, OptimizerKind, StateDType, std::int64_t, std::int64_t>({
          {Precision::fp32, OptimizerKind::adamw, StateDType::fp32, 8, 4},
          {Precision::bf16, OptimizerKind::adamw, StateDType::bf16, 4, 2},
          {Precision::bf16_mixed, OptimizerKind::sgd, StateDType::fp32, 4, 2},
          {Precision::fp32, OptimizerKind::sgd, StateDType::fp32, 0, 0},
          {Precision::bf16, OptimizerKind::sgd, StateDType::fp32, 0, 0},
      }));
  job.precision = precision;
  job.optimizer = {optimizer, states};
  const Traced traced = trace(job);
  CHECK(traced.host_behind.total() == Bytes(state_bytes * kElements));
  CHECK(traced.host_peak.total == Bytes(state_bytes * kElements + 2 * copy_bytes * 20));
  CHECK(traced.host.empty() == (state_bytes == 0));
}

TEST_CASE("with accumulation every micro-batch's checkpoints go and come back") {
  Job job = tiny();
  job.accumulate = true;
  job.method.offload_optimizer = false;
  const Traced traced = trace(job);
  const Events batch = {"layer forward 0: +checkpoint 16 saved-activations",
                        "layer forward 2: +checkpoint 16 saved-activations", "layer recompute 2: -checkpoint",
                        "layer recompute 0: -checkpoint"};
  Events expected = batch;
  expected.insert(expected.end(), batch.begin(), batch.end());
  CHECK(traced.host == expected);
}

TEST_CASE("a record tells the host's peak where the job offloads, its limit and timeline are the device's") {
  test::Bench bench;
  measure::MeasureOptions options;
  options.timeline = true;
  options.repeats = 2;
  const Record here = [&] {
    Job job = tiny();
    job.method.offload_checkpoints = job.method.offload_optimizer = false;
    return measure::measure(*bench.backend, bench.resource, job, options);
  }();
  CHECK_FALSE(here.host);
  const Record record = measure::measure(*bench.backend, bench.resource, tiny(), options);
  REQUIRE(record.host);
  CHECK(record.host->total == Bytes(12 * kElements + 80));
  CHECK(record.host->categories.total() == record.host->total);
  CHECK(record.host->categories[Category::optimizer_state] == Bytes(12 * kElements));
  CHECK(record.host->instant == "optimizer step");
  CHECK_FALSE(record.host->layer);
  CHECK(record.host->tensor == "copy of the parameter");
  CHECK(record.allocated.categories[Category::optimizer_state] == 0_B);
  for (const TensorEvent& event : record.timeline) CHECK(event.category != Category::optimizer_state);
  options.limit = record.allocated.total;
  REQUIRE(*options.limit < record.host->total);
  CHECK(measure::measure(*bench.backend, bench.resource, tiny(), options).host == record.host);
  options.limit = record.allocated.total - 1_B;
  CHECK_THROWS_AS((void)measure::measure(*bench.backend, bench.resource, tiny(), options), measure::RefusedAllocation);
}

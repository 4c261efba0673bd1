// When parameters that live on the host are on the device, worked out from docs/runtime.md sections 10.2 and 11 by
// hand:
// "+name bytes category" is a birth, "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include <headroom/measure/measurement.h>

#include "catch.h"
#include "unit_moves.h"

using namespace headroom;
using headroom::measure::Event;
using headroom::test::Moves;

namespace {

using Events = std::vector<std::string>;

Job on_host(Job job, std::int64_t prefetch) {
  job.method.offload_optimizer = job.method.offload_parameters = true;
  job.method.prefetch = prefetch;
  return job;
}

/// One layer with a feed-forward 3 wide; bf16 with fp32 master copies and moments.
Job tiny() {
  Job job = on_host(test::tiny_job(1, 3), 0);
  job.precision = Precision::bf16_mixed;
  job.batch = 1;
  job.seq = Tokens(2);
  return job;
}

struct Sized {
  const char* name;
  std::int64_t elements;
};
const std::vector<Sized> kLayer = {{"attention norm gain", 4},    {"W_q", 16},  {"W_k", 8},    {"W_v", 8}, {"W_o", 16},
                                   {"feed-forward norm gain", 4}, {"W_up", 12}, {"W_down", 12}};
const std::vector<Sized> kHead = {{"final norm gain", 4}, {"W_head", 20}};
constexpr std::int64_t kElements = 20 + 80 + 24;

std::vector<Sized> all_parameters() {
  std::vector<Sized> all = {{"embedding", 20}};
  all.insert(all.end(), kLayer.begin(), kLayer.end());
  all.insert(all.end(), kHead.begin(), kHead.end());
  return all;
}

/// Set-up and one step of both memories.
struct Traced {
  std::vector<Event> device;
  std::vector<Event> host;
  measure::Ledger::Peak host_peak;
  BytesByCategory host_behind;
  BytesByCategory device_behind;
};

Traced trace(const Job& job) {
  test::Bench bench;
  measure::Ledger &device = bench.memory.ledger(), &host = bench.host.ledger();
  device.begin_timeline();
  host.begin_timeline();
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, measure::alone(), bench.host_side());
  (void)trainer.step();
  return {device.timeline(), host.timeline(), host.peak(), host.live_by_category(), device.live_by_category()};
}

/// Of one kind of instant.
Events at(const std::vector<Event>& events, std::string_view instant) {
  Events some;
  for (const Event& event : events) {
    if (event.instant.name != instant) continue;
    some.push_back(event.birth
                       ? fmt::format("+{} {} {}", event.label.name, event.bytes.count(), name_of(event.label.category))
                       : fmt::format("-{}", event.label.name));
  }
  return some;
}

Events births_of(const std::vector<Sized>& parameters) {
  Events events;
  for (const Sized& one : parameters) events.push_back(fmt::format("+{} {} parameters", one.name, 2 * one.elements));
  return events;
}

Events deaths_of(const std::vector<Sized>& parameters) {
  Events events;
  for (const Sized& one : parameters) events.push_back(fmt::format("-{}", one.name));
  return events;
}

Events first(const Events& events, std::size_t count) {
  REQUIRE(events.size() >= count);
  return {events.begin(), events.begin() + static_cast<std::ptrdiff_t>(count)};
}

Events last(const Events& events, std::size_t count) {
  REQUIRE(events.size() >= count);
  return {events.end() - static_cast<std::ptrdiff_t>(count), events.end()};
}

}  // namespace

TEST_CASE("a unit comes from the host as many works ahead as the job says, and stays for a work that is near") {
  for (const test::Schedule& schedule : test::schedules()) {
    INFO(name_of(schedule.recompute.kind) << ", " << schedule.prefetch << " ahead");
    Job job = on_host(test::three_layers(), schedule.prefetch);
    job.recompute = schedule.recompute;
    CHECK(test::moves_of(trace(job).device, Category::parameters) == schedule.moves);
  }
}

TEST_CASE("no micro-batch fetches for the next") {
  const test::Schedule schedule = test::schedules().at(2);
  Job job = on_host(test::three_layers(), schedule.prefetch);
  job.accumulate = true;
  Moves twice = schedule.moves;
  twice.insert(twice.end(), schedule.moves.begin(), schedule.moves.end());
  CHECK(test::moves_of(trace(job).device, Category::parameters) == twice);
}

TEST_CASE("parameters that are not fetched know no prefetch") {
  Job job = test::three_layers();
  const Traced none = trace(job);
  job.method.prefetch = 3;
  job.method.sharding = StateSharding::zero3;
  const Traced ahead = trace(job);
  CHECK(test::moves_of(ahead.device, Category::parameters) == test::moves_of(none.device, Category::parameters));
  CHECK(test::moves_of(none.device, Category::parameters).size() == 5);  // set-up's births
  CHECK(ahead.host.empty());
}

TEST_CASE("the whole parameters of a unit are born together in front of its work, and die together behind it") {
  const Traced traced = trace(tiny());
  CHECK(at(traced.device, "embedding") == Events{"+token ids 8 saved-activations", "+target ids 8 head-and-loss",
                                                 "+embedding 40 parameters", "+x 16 saved-activations", "-embedding"});
  for (const char* pass : {"layer forward", "layer backward"}) {
    const Events events = at(traced.device, pass);
    CHECK(first(events, kLayer.size()) == births_of(kLayer));
    CHECK(last(events, kLayer.size()) == deaths_of(kLayer));
  }
  CHECK(first(at(traced.device, "final norm"), kHead.size()) == births_of(kHead));
  CHECK(last(at(traced.device, "final norm backward"), kHead.size()) == deaths_of(kHead));
  CHECK(traced.device_behind.total() == 0_B);
  CHECK(at(traced.device, "set-up").empty());
}

TEST_CASE("on the host live parameters and states, and the copy of a gradient around each update") {
  const Traced traced = trace(tiny());
  Events set_up, update;
  for (const Sized& one : all_parameters()) {
    set_up.push_back(fmt::format("+{} {} parameters", one.name, 2 * one.elements));
    for (const char* state : {"master copy", "first moment", "second moment"}) {
      set_up.push_back(fmt::format("+{} {} optimizer-state", state, 4 * one.elements));
    }
    update.push_back(fmt::format("+copy of the gradient {} gradients", 2 * one.elements));
    update.emplace_back("-copy of the gradient");
  }
  CHECK(at(traced.host, "set-up") == set_up);
  CHECK(at(traced.host, "optimizer step") == update);
  CHECK(traced.host.size() == set_up.size() + update.size());
  CHECK(traced.host_behind[Category::parameters] == Bytes(2 * kElements));
  CHECK(traced.host_behind.total() == Bytes(14 * kElements));
  CHECK(traced.host_peak.total == Bytes(14 * kElements + 40));
  CHECK(traced.host_peak.tensor == "copy of the gradient");
  CHECK(traced.host_peak.instant.name == "optimizer step");
  const Events deaths = deaths_of(all_parameters());
  CHECK(first(at(traced.device, "optimizer step"), deaths.size()) == deaths);  // of gradients
}

TEST_CASE("an optimizer without states updates offloaded parameters on the host too") {
  Job job = tiny();
  job.precision = GENERATE(Precision::fp32, Precision::bf16);
  job.optimizer.kind = OptimizerKind::sgd;
  const std::int64_t bytes = job.precision == Precision::fp32 ? 4 : 2;
  const Traced traced = trace(job);
  CHECK(traced.host_behind.total() == Bytes(bytes * kElements));
  CHECK(traced.host_peak.total == Bytes(bytes * (kElements + 20)));
  CHECK(traced.device_behind.total() == 0_B);
}

TEST_CASE("a checkpoint is back on the device before its layer's parameters come") {
  Job job = on_host(test::three_layers(), 0);
  job.recompute = {RecomputeKind::full, 1};
  job.method.offload_checkpoints = true;
  CHECK(first(at(trace(job).device, "layer recompute"), 2) ==
        Events{"+x 32 saved-activations", "+attention norm gain 8 parameters"});
}

TEST_CASE("a tied table comes once for the embedding and once for the head, also where both are there at once") {
  Job job = tiny();
  job.model.tied_embeddings = true;
  job.method.prefetch = 2;
  const Traced traced = trace(job);
  Events unit = {"+token ids 8 saved-activations", "+target ids 8 head-and-loss", "+embedding 40 parameters"};
  const Events layer = births_of(kLayer);
  unit.insert(unit.end(), layer.begin(), layer.end());
  unit.insert(unit.end(),
              {"+final norm gain 8 parameters", "+embedding 40 parameters", "+x 16 saved-activations", "-embedding"});
  CHECK(at(traced.device, "embedding") == unit);
  CHECK(last(at(traced.device, "final norm backward"), 2) == Events{"-final norm gain", "-embedding"});
}

TEST_CASE("a host that is too small for a gradient's copy beside parameters and states refuses it in a sentence") {
  const auto step_on = [](Bytes limit) {
    test::Bench bench;
    measure::Memory host(bench.host_resource, limit);
    measure::Trainer trainer(*bench.backend, bench.memory, tiny(), {}, nullptr, measure::alone(),
                             measure::Host{host, bench.backend.get()});
    (void)trainer.step();
  };
  const Bytes peak(14 * kElements + 40);
  CHECK_NOTHROW(step_on(peak));
  CHECK_THROWS_AS(step_on(peak - 1_B), measure::RefusedAllocation);
  CHECK_THROWS_WITH(step_on(peak - 1_B), test::contains("no memory for the tensor 'copy of the gradient'"));
  CHECK_THROWS_WITH(step_on(39_B), test::contains("no memory for the tensor 'embedding'"));
}

TEST_CASE("a record of offloaded parameters tells them as the host's") {
  test::Bench bench;
  const Record record = measure::measure(*bench.backend, bench.resource, tiny());
  REQUIRE(record.host);
  CHECK(record.host->categories[Category::parameters] == Bytes(2 * kElements));
  CHECK(record.host->total == Bytes(14 * kElements + 40));
  CHECK(record.allocated.categories[Category::parameters] <= 160_B);  // no more than one unit
}

// What optimizers keep and when updates in backward let gradients die, worked out from docs/runtime.md section 2 by
// hand:
// "+name bytes category" is a birth, "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// One layer, a feed-forward 3 wide; 2 tokens of 4, 5 words; bf16, SGD.
Job tiny() {
  Job job = test::tiny_job(1, 3);
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.batch = 1;
  job.seq = Tokens(2);
  return job;
}

struct Traced {
  std::vector<Event> device;
  std::vector<Event> host;
  BytesByCategory device_behind;
  BytesByCategory host_behind;
};

/// Set-up and one step.
Traced trace(const Job& job) {
  test::Bench bench;
  measure::Ledger &device = bench.memory.ledger(), &host = bench.host.ledger();
  device.begin_timeline();
  host.begin_timeline();
  measure::Training training;
  training.micro_batches = 1;
  measure::Trainer trainer(*bench.backend, bench.memory, job, training, nullptr, measure::alone(), bench.host_side());
  (void)trainer.step();
  device.end_timeline();
  host.end_timeline();
  return {device.timeline(), host.timeline(), device.live_by_category(), host.live_by_category()};
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(), name_of(event.label.category));
}

Events at(const std::vector<Event>& events, std::string_view instant) {
  Events some;
  for (const Event& event : events) {
    if (event.instant.name == instant) some.push_back(told(event));
  }
  return some;
}

/// From the first birth of a tensor up to the next one of another.
Events beside(const Events& set_up, const std::string& parameter) {
  const auto is_parameter = [](const std::string& event) { return event.find(" parameters") != std::string::npos; };
  const auto begin = std::find(set_up.begin(), set_up.end(), parameter);
  REQUIRE(begin != set_up.end());
  return {begin + 1, std::find_if(begin + 1, set_up.end(), is_parameter)};
}

Bytes most_alive(const std::vector<Event>& events, Category category) {
  Bytes alive, most;
  for (const Event& event : events) {
    if (event.label.category != category) continue;
    alive = event.birth ? alive + event.bytes : alive - event.bytes;
    most = std::max(most, alive);
  }
  return most;
}

Events last(const Events& events, std::size_t count) {
  REQUIRE(events.size() >= count);
  return {events.end() - static_cast<std::ptrdiff_t>(count), events.end()};
}

const Events kLayerDeaths = {"-attention norm gain",    "-W_q",  "-W_k",   "-W_v", "-W_o",
                             "-feed-forward norm gain", "-W_up", "-W_down"};

}  // namespace

TEST_CASE(
    "8-bit moments have a scale for every 256 elements and what is left; tables and short parameters have fp32 "
    "moments") {
  Job job = tiny();
  job.optimizer = {OptimizerKind::adamw, StateDType::int8};
  job.model.vocab = 1024;                // W_head 4096 elements, the embedding likewise
  job.model.kinds[0].ffn_hidden = 1025;  // W_up and W_down 4100: sixteen blocks and four elements
  const Events set_up = at(trace(job).device, "set-up");
  CHECK(beside(set_up, "+embedding 8192 parameters") ==
        Events{"+first moment 16384 optimizer-state", "+second moment 16384 optimizer-state"});
  CHECK(beside(set_up, "+W_head 8192 parameters") ==
        Events{"+first moment 4096 optimizer-state", "+scales of the first moment 64 optimizer-state",
               "+second moment 4096 optimizer-state", "+scales of the second moment 64 optimizer-state"});
  CHECK(beside(set_up, "+W_up 8200 parameters") ==
        Events{"+first moment 4100 optimizer-state", "+scales of the first moment 68 optimizer-state",
               "+second moment 4100 optimizer-state", "+scales of the second moment 68 optimizer-state"});
  CHECK(beside(set_up, "+W_q 32 parameters") ==
        Events{"+first moment 64 optimizer-state", "+second moment 64 optimizer-state"});
  job.model.vocab = 1023;  // 4092 elements
  CHECK(beside(at(trace(job).device, "set-up"), "+W_head 8184 parameters") ==
        Events{"+first moment 16368 optimizer-state", "+second moment 16368 optimizer-state"});
}

TEST_CASE("Adafactor has averages of rows and of columns of a matrix, and the whole second moment of a vector") {
  Job job = tiny();
  job.precision = Precision::bf16_mixed;
  job.model.positions = Positions::learned;
  job.model.max_positions = 7;
  job.optimizer.kind = OptimizerKind::adafactor;
  const std::vector<std::pair<std::string, Events>> rows = {
      {"+embedding 40 parameters", {"+row averages 20 optimizer-state", "+column averages 16 optimizer-state"}},
      {"+positions 56 parameters", {"+row averages 28 optimizer-state", "+column averages 16 optimizer-state"}},
      {"+W_k 16 parameters", {"+row averages 16 optimizer-state", "+column averages 8 optimizer-state"}},
      {"+W_down 24 parameters", {"+row averages 12 optimizer-state", "+column averages 16 optimizer-state"}},
      {"+attention norm gain 8 parameters", {"+second moment 16 optimizer-state"}},
      {"+W_head 40 parameters", {"+row averages 16 optimizer-state", "+column averages 20 optimizer-state"}}};
  const Events set_up = at(trace(job).device, "set-up");
  for (const auto& [parameter, states] : rows) {
    INFO(parameter);
    const Events found = beside(set_up, parameter);
    CHECK(Events(found.begin() + 1, found.end()) == states);  // behind the master copy
  }
}

TEST_CASE("a momentum is in its own type, in front of Adafactor's second moment") {
  Job job = tiny();
  job.optimizer.momentum = GENERATE(Momentum::fp32, Momentum::bf16);
  const std::string momentum =
      job.optimizer.momentum == Momentum::fp32 ? "+momentum 64 optimizer-state" : "+momentum 32 optimizer-state";
  CHECK(beside(at(trace(job).device, "set-up"), "+W_q 32 parameters") == Events{momentum});
  job.optimizer.kind = OptimizerKind::adafactor;
  CHECK(beside(at(trace(job).device, "set-up"), "+W_q 32 parameters") ==
        Events{momentum, "+row averages 16 optimizer-state", "+column averages 16 optimizer-state"});
  job.optimizer.factored = false;
  CHECK(beside(at(trace(job).device, "set-up"), "+W_q 32 parameters") ==
        Events{momentum, "+second moment 64 optimizer-state"});
  job.optimizer.kind = OptimizerKind::adamw;
  CHECK(beside(at(trace(job).device, "set-up"), "+W_q 32 parameters") ==
        Events{"+first moment 64 optimizer-state", "+second moment 64 optimizer-state"});
}

TEST_CASE("an update has no temporary, whatever the optimizer") {
  Job job = tiny();
  job.model.vocab = 1100;
  job.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::adafactor, OptimizerKind::sgd);
  job.optimizer.states = StateDType::int8;
  job.optimizer.momentum = Momentum::bf16;
  job.optimizer.factored = GENERATE(true, false);
  for (const std::string& event : at(trace(job).device, "optimizer step")) CHECK(event.front() == '-');
}

TEST_CASE("momentum, averages and 8-bit moments live on the host where the optimizer is offloaded") {
  Job job = tiny();
  job.model.vocab = 1025;
  job.method.offload_optimizer = true;
  job.method.offload_parameters = GENERATE(false, true);
  job.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::adafactor, OptimizerKind::sgd);
  job.optimizer.states = StateDType::int8;
  job.optimizer.momentum = Momentum::fp32;
  const Traced traced = trace(job);
  CHECK(traced.device_behind[Category::optimizer_state] == 0_B);
  constexpr std::int64_t kRest = 4 * 3 + 16 * 2 + 8 * 2 + 12 * 2, kTable = 4100;  // the embedding, and W_head
  const auto bytes = [&] {
    switch (job.optimizer.kind) {
      case OptimizerKind::adamw: return 8 * (kRest + kTable) + 2 * kTable + 2 * 68;
      // matrices: the embedding and W_head; W_q and W_o; W_k and W_v; W_up and W_down
      case OptimizerKind::adafactor: return 4 * (kRest + 2 * kTable) + 4 * (2 * 1029 + 2 * 8 + 2 * 6 + 2 * 7 + 3 * 4);
      case OptimizerKind::sgd: return 4 * (kRest + 2 * kTable);
    }
    return std::int64_t{0};
  };
  CHECK(traced.host_behind[Category::optimizer_state] == Bytes(bytes()));
}

TEST_CASE("under updates in backward a unit's gradients die in order behind its backward, and no step follows") {
  Job job = tiny();
  job.optimizer.in_backward = true;
  const Traced traced = trace(job);
  CHECK(last(at(traced.device, "layer backward"), 1 + kLayerDeaths.size()) == [] {
    Events expected = {"-x"};
    expected.insert(expected.end(), kLayerDeaths.begin(), kLayerDeaths.end());
    return expected;
  }());
  CHECK(at(traced.device, "final norm backward") ==
        Events{"+final norm gain 8 gradients", "-final norm statistics", "-x", "-final norm gain", "-W_head"});
  CHECK(at(traced.device, "embedding backward") ==
        Events{"+embedding 40 gradients", "-gradient of the residual stream", "-token ids", "-embedding", "-loss"});
  CHECK(at(traced.device, "optimizer step").empty());
  CHECK(traced.device_behind.total() == traced.device_behind[Category::parameters]);
}

TEST_CASE("under updates in backward the gradients of one unit live at a time") {
  Job job = tiny();
  job.model.layer_runs = {{3, {0}}};
  constexpr std::int64_t kLayer = 4 * 2 + 16 * 2 + 8 * 2 + 12 * 2, kHead = 20 + 4, kTable = 20;
  CHECK(most_alive(trace(job).device, Category::gradients) == Bytes(2 * (3 * kLayer + kHead + kTable)));
  job.optimizer.in_backward = true;
  CHECK(most_alive(trace(job).device, Category::gradients) == Bytes(2 * kLayer));
  job.model.tied_embeddings = true;  // its gradient waits for the embedding's backward
  CHECK(most_alive(trace(job).device, Category::gradients) == Bytes(2 * (kLayer + kTable)));
}

TEST_CASE("under updates in backward what is offloaded is updated on the host, behind the unit's backward") {
  Job job = tiny();
  job.precision = Precision::bf16_mixed;
  job.optimizer.in_backward = true;
  job.method.offload_optimizer = true;
  Events copies;
  for (const int bytes : {8, 32, 16, 16, 32, 8, 24, 24}) {
    copies.push_back(fmt::format("+copy of the gradient {} gradients", bytes));
    copies.push_back(fmt::format("+copy of the parameter {} parameters", bytes));
    copies.emplace_back("-copy of the gradient");
    copies.emplace_back("-copy of the parameter");
  }
  const Traced states = trace(job);
  CHECK(at(states.host, "layer backward") == copies);
  CHECK(last(at(states.device, "layer backward"), kLayerDeaths.size()) == kLayerDeaths);
  CHECK(at(states.host, "embedding backward") == Events{"+copy of the gradient 40 gradients",
                                                        "+copy of the parameter 40 parameters", "-copy of the gradient",
                                                        "-copy of the parameter"});
  CHECK(at(states.host, "optimizer step").empty());
  job.method.offload_parameters = true;
  const Traced all = trace(job);
  CHECK(at(all.host, "embedding backward") == Events{"+copy of the gradient 40 gradients", "-copy of the gradient"});
  // The unit's whole parameters die, then its gradients.
  Events deaths = kLayerDeaths;
  deaths.insert(deaths.end(), kLayerDeaths.begin(), kLayerDeaths.end());
  CHECK(last(at(all.device, "layer backward"), deaths.size()) == deaths);
  CHECK(all.device_behind.total() == 0_B);
}

// When whole parameters are on one of two ranks that have shards of them, worked out from docs/runtime.md sections 10.2
// and 11 by hand: "+name bytes category" is a birth, "-name" a death.

#include <fmt/format.h>

#include <headroom/measure/measurement.h>

#include "../unit_moves.h"
#include "catch.h"
#include "rank_events.h"
#include "ranks.h"

using namespace headroom;
using headroom::test::Events;
using headroom::test::events_of;
using headroom::test::Side;

namespace {

Job sharded(Job job, std::int64_t prefetch, bool on_host) {
  job.method.sequence = SequenceDistribution::ring;
  job.method.attention = Attention::flash;
  job.method.sharding = StateSharding::zero3;
  job.method.prefetch = prefetch;
  job.method.offload_optimizer = job.method.offload_parameters = on_host;
  job.degrees.sequence = 2;
  return job;
}

/// One layer 5 wide with a feed-forward 3 wide, 3 words: many parameters have an odd number of elements.
Job odd() {
  Job job = sharded(test::tiny_job(1, 3), 0, true);
  job.model.vocab = 3;
  job.model.hidden = 5;
  job.precision = Precision::bf16_mixed;
  job.batch = 1;
  job.seq = Tokens(4);
  return job;
}

struct Sized {
  const char* name;
  std::int64_t elements;
};
const std::vector<Sized> kLayer = {{"attention norm gain", 5},    {"W_q", 20},  {"W_k", 10},   {"W_v", 10}, {"W_o", 20},
                                   {"feed-forward norm gain", 5}, {"W_up", 15}, {"W_down", 15}};

std::int64_t half(std::int64_t elements) { return (elements + 1) / 2; }

/// Parameter by parameter: the shard from the host, the whole from the ranks.
Events births_of(const std::vector<Sized>& parameters) {
  Events events;
  for (const Sized& one : parameters) {
    events.push_back(fmt::format("+{} {} parameters", one.name, 2 * half(one.elements)));
    events.push_back(fmt::format("+{} {} message", one.name, 2 * one.elements));
    events.push_back(fmt::format("-{}", one.name));
  }
  return events;
}

MeasuredSent sent(const Job& job) {
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
  return *measure::measure(*bench.backend, bench.resource, job, {}, communicator).sent;
}

}  // namespace

TEST_CASE("ZeRO-3: a unit is gathered as many works ahead as the job says, and stays for a work that is near") {
  const bool on_host = GENERATE(false, true);
  for (const test::Schedule& schedule : test::schedules()) {
    INFO(name_of(schedule.recompute.kind) << ", " << schedule.prefetch << " ahead, host " << on_host);
    Job job = sharded(test::three_layers(), schedule.prefetch, on_host);
    job.recompute = schedule.recompute;
    CHECK(test::moves_of(test::timeline_of(job, Side::device), Category::communication) == schedule.moves);
  }
}

TEST_CASE("ZeRO-3: units that come together are born in the order of their works; deaths are before the hand-out") {
  Job job = sharded(test::tiny_job(1, 3), 1, false);
  job.seq = Tokens(4);
  const Events embedding = events_of(job, "embedding");
  CHECK(test::between(embedding, "+embedding 80 message", "+x 64 saved") ==
        Events{"+embedding 80 message", "+attention norm gain 16 message", "+W_q 64 message", "+W_k 32 message",
               "+W_v 32 message", "+W_o 64 message", "+feed-forward norm gain 16 message", "+W_up 48 message",
               "+W_down 48 message", "+x 64 saved"});
  const Events backward = events_of(job, "final norm backward");
  CHECK(test::between(backward, "-final norm gain", "+final norm gain 8 gradients") ==
        Events{"-final norm gain", "-W_head", "+final norm gain 8 gradients"});
}

TEST_CASE("shards on the host: a copy comes to the device, the whole is gathered, the copy dies") {
  const Events forward = events_of(odd(), "layer forward"), births = births_of(kLayer);
  REQUIRE(forward.size() > births.size());
  CHECK(Events(forward.begin(), forward.begin() + static_cast<std::ptrdiff_t>(births.size())) == births);
  CHECK(Events(forward.end() - 8, forward.end()) ==
        Events{"-attention norm gain", "-W_q", "-W_k", "-W_v", "-W_o", "-feed-forward norm gain", "-W_up", "-W_down"});
  CHECK(events_of(odd(), "layer forward", Side::host).empty());
}

TEST_CASE("shards on the host are updated there beside a copy of the gradient's shard") {
  Events expected;
  for (const std::int64_t elements : {15, 5, 20, 10, 10, 20, 5, 15, 15, 5, 15}) {
    expected.push_back(fmt::format("+copy of the gradient {} gradients", 2 * half(elements)));
    expected.emplace_back("-copy of the gradient");
  }
  CHECK(events_of(odd(), "optimizer step", Side::host) == expected);
  CHECK(events_of(odd(), "optimizer step") == Events{"-embedding", "-attention norm gain", "-W_q", "-W_k", "-W_v",
                                                     "-W_o", "-feed-forward norm gain", "-W_up", "-W_down",
                                                     "-final norm gain", "-W_head", "-loss"});
}

TEST_CASE("behind a step the host has shards of parameters and states, and the device nothing") {
  const Job job = odd();
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, communicator, bench.host_side());
  CHECK(bench.memory.ledger().live() == 0_B);
  (void)trainer.step();
  constexpr std::int64_t kShards = 8 + 3 + 10 + 5 + 5 + 10 + 3 + 8 + 8 + 3 + 8;
  CHECK(bench.host.ledger().live_by_category()[Category::parameters] == Bytes(2 * kShards));
  CHECK(bench.host.ledger().live() == Bytes(14 * kShards));
  CHECK(bench.host.ledger().peak().total == Bytes(14 * kShards) + 20_B);
  CHECK(bench.memory.ledger().live() == 0_B);
}

TEST_CASE("whole parameters of every rank's own host come by copies alone, and nobody tells another") {
  Job job = sharded(test::three_layers(), 1, true);
  job.method.sharding = StateSharding::none;
  CHECK(test::moves_of(test::timeline_of(job, Side::device), Category::parameters) == test::schedules().at(1).moves);
  const MeasuredSent offloaded = sent(job);
  job.method.offload_optimizer = job.method.offload_parameters = false;
  CHECK(sent(job) == offloaded);
}

TEST_CASE("what a gather did not bring because it was there is not sent") {
  Job job = sharded(test::three_layers(), 0, GENERATE(false, true));
  job.recompute = {RecomputeKind::every, 2};
  const auto sent_at = [&](std::int64_t prefetch) {
    job.method.prefetch = prefetch;
    return sent(job);
  };
  const MeasuredSent all = sent_at(1024), none = sent_at(0), one = sent_at(1), two = sent_at(2);
  // Halves of 8 parameters of 64, 72 and 80 elements. Without prefetch layer 0 comes three times, the others twice.
  CHECK(none.messages == all.messages + 4 * 8);
  CHECK(none.bytes == all.bytes + 2 * 64_B + 72_B + 80_B);
  CHECK(one == none);
  // With two ahead the last layer comes once, the others twice.
  CHECK(two.messages == all.messages + 2 * 8);
  CHECK(two.bytes == all.bytes + 64_B + 72_B);
}

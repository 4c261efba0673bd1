// Events of one rank of two, worked out from docs/runtime.md by hand: "+name bytes category" is a birth, "-name" a
// death.

#include <algorithm>

#include <fmt/format.h>

#include "catch.h"
#include "rank_events.h"
#include "ranks.h"

using namespace headroom;
using headroom::test::between;
using headroom::test::Events;
using headroom::test::events_of;
using headroom::test::Side;

namespace {

/// One layer; 2 ranks of 2 tokens each, 4 wide; 2 query heads and 1 key head of 2; 3 wide feed-forward; 5 words.
Job tiny(SequenceDistribution sequence, Attention attention, Precision precision) {
  Job job = test::tiny_job(1, 3);
  job.method.sequence = sequence;
  job.method.attention = attention;
  job.precision = precision;
  job.optimizer.kind = OptimizerKind::sgd;
  job.degrees.sequence = 2;
  job.batch = 1;
  job.seq = Tokens(4);
  return job;
}

}  // namespace

TEST_CASE("LSS: gathered keys and values stand in for the rank's own") {
  const Job job = tiny(SequenceDistribution::lss, Attention::flash, Precision::bf16);
  CHECK(between(events_of(job, "layer forward"), "+q 16 saved", "+r 16 saved") ==
        Events{"+q 16 saved", "+k 8 attention", "+v 8 attention", "+gathered k 16 saved", "+gathered v 16 saved", "-k",
               "-v", "+o 16 saved", "+logsumexp 16 saved", "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+W_o 32 gradients", "+W_q 32 gradients") ==
        Events{"+W_o 32 gradients",
               "+gradient of o 16 attention",
               "+D 16 attention",
               "-o",
               "+accumulator of dq 32 attention",
               "+dk 16 attention",
               "+dv 16 attention",
               "-q",
               "-gathered k",
               "-gathered v",
               "-gradient of o",
               "-logsumexp",
               "-D",
               "+dq 16 attention",
               "-accumulator of dq",
               "+dk 8 attention",
               "+dv 8 attention",
               "-dk",
               "-dv",
               "+W_q 32 gradients"});
}

TEST_CASE("LSS: a pass that discards leaves nothing but o") {
  Job job = tiny(SequenceDistribution::lss, Attention::vanilla, Precision::bf16);
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "+q 16 attention", "-o") ==
        Events{"+q 16 attention", "+k 8 attention", "+v 8 attention", "-attention norm output",
               "+gathered k 16 attention", "+gathered v 16 attention", "-k", "-v", "+scores 32 attention", "-q",
               "-gathered k", "+o 16 attention", "-scores", "-gathered v", "+r 16 saved", "-o"});
}

TEST_CASE("Ulysses: tensors over heads, o of the rank's tokens, and copies where key heads are fewer than ranks") {
  const Job job = tiny(SequenceDistribution::ulysses, Attention::vanilla, Precision::fp32);
  CHECK(between(events_of(job, "layer forward"), "+q 32 attention", "+r 32 saved") ==
        Events{"+q 32 attention", "+k 16 attention", "+v 16 attention", "+q over heads 32 saved", "-q",
               "+k over heads 32 saved", "-k", "+v over heads 32 saved", "-v", "+scores 64 saved", "+o 32 attention",
               "+o 32 saved", "-o", "+r 32 saved"});
  CHECK(between(events_of(job, "layer backward"), "+W_o 64 gradients", "+W_q 64 gradients") ==
        Events{"+W_o 64 gradients",
               "-o",
               "+gradient of o 32 attention",
               "+gradient of o over heads 32 attention",
               "-gradient of o",
               "+dv 32 attention",
               "+gradient of the scores 64 attention",
               "-gradient of o over heads",
               "-v over heads",
               "-scores",
               "+dq 32 attention",
               "-k over heads",
               "+dk 32 attention",
               "-gradient of the scores",
               "-q over heads",
               "+dq 32 attention",
               "-dq",
               "+copies of dk 32 message",
               "-dk",
               "+dk 16 attention",
               "-copies of dk",
               "+copies of dv 32 message",
               "-dv",
               "+dv 16 attention",
               "-copies of dv",
               "+W_q 64 gradients"});
}

TEST_CASE("Ulysses: o over heads stays where the core's backward reads it") {
  const Job job = tiny(SequenceDistribution::ulysses, Attention::flash, Precision::bf16);
  CHECK(between(events_of(job, "layer forward"), "-v", "+r 16 saved") ==
        Events{"-v", "+o 16 saved", "+logsumexp 16 saved", "+o 16 saved", "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+W_o 32 gradients", "+D 16 attention") ==
        Events{"+W_o 32 gradients", "-o", "+gradient of o 16 attention", "+gradient of o over heads 16 attention",
               "-gradient of o", "+D 16 attention"});
}

TEST_CASE("Ulysses: narrow o is born of o of the rank's tokens, and its gradient dies before that of o is sent") {
  Job job = tiny(SequenceDistribution::ulysses, Attention::flash, Precision::bf16);
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].head_dim = 6;
  job.model.kinds[0].latent = LatentAttention{5, 7, 2, 3};
  CHECK(between(events_of(job, "layer forward"), "-values", "+r 16 saved") ==
        Events{"-values", "+q over heads 48 saved", "-q", "+k over heads 48 saved", "-k", "+v over heads 48 saved",
               "-v", "+o 48 saved", "+logsumexp 16 saved", "+o 48 attention", "+narrow o 24 saved", "-o",
               "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+W_o 48 gradients", "-gradient of o") ==
        Events{"+W_o 48 gradients", "-narrow o", "+gradient of narrow o 24 attention", "+gradient of o 48 attention",
               "-gradient of narrow o", "+gradient of o over heads 48 attention", "-gradient of o"});
}

TEST_CASE("Ring: keys and values pass by, and the sums of their gradients follow them") {
  const Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  CHECK(between(events_of(job, "layer forward"), "+q 16 saved", "+r 16 saved") ==
        Events{"+q 16 saved", "+k 8 saved", "+v 8 saved", "+running row maximum 16 saved",
               "+running row sum 16 attention", "+accumulator of o 32 attention", "+incoming k 8 message",
               "+incoming v 8 message", "-incoming k", "-incoming v", "+o 16 saved", "-accumulator of o",
               "-running row sum", "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+W_o 32 gradients", "+W_q 32 gradients") ==
        Events{"+W_o 32 gradients",
               "+gradient of o 16 attention",
               "+D 16 attention",
               "-o",
               "+accumulator of dq 32 attention",
               "+accumulator of dk 16 attention",
               "+accumulator of dv 16 attention",
               "+incoming k 8 message",
               "+incoming v 8 message",
               "-k",
               "-v",
               "+sum of dk of other keys 16 message",
               "-accumulator of dk",
               "+sum of dv of other keys 16 message",
               "-accumulator of dv",
               "-incoming k",
               "-incoming v",
               "-q",
               "-gradient of o",
               "-running row maximum",
               "-D",
               "+dq 16 attention",
               "-accumulator of dq",
               "+accumulator of dk 16 attention",
               "-sum of dk of other keys",
               "+accumulator of dv 16 attention",
               "-sum of dv of other keys",
               "+dk 8 attention",
               "-accumulator of dk",
               "+dv 8 attention",
               "-accumulator of dv",
               "+W_q 32 gradients"});
}

TEST_CASE("Ring: in fp32 the sums are the outputs") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::fp32);
  CHECK(between(events_of(job, "layer forward"), "+running row maximum 16 saved", "+r 32 saved") ==
        Events{"+running row maximum 16 saved", "+running row sum 16 attention", "+o 32 saved",
               "+incoming k 16 message", "+incoming v 16 message", "-incoming k", "-incoming v", "-running row sum",
               "+r 32 saved"});
  CHECK(between(events_of(job, "layer backward"), "-D", "+W_q 64 gradients") ==
        Events{"-D", "+dk 16 attention", "-sum of dk of other keys", "+dv 16 attention", "-sum of dv of other keys",
               "+W_q 64 gradients"});
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "+running row maximum 16 attention", "+r 32 saved") ==
        Events{"+running row maximum 16 attention", "+running row sum 16 attention", "+o 32 attention",
               "+incoming k 16 message", "+incoming v 16 message", "-k", "-v", "-incoming k", "-incoming v", "-q",
               "-running row sum", "-running row maximum", "+r 32 saved"});
}

TEST_CASE("blockwise layers on sequence ranks run their feed-forward in query blocks and keep nothing of it") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.feed_forward = FeedForward::blockwise;
  job.method.query_chunk.tokens = Tokens(1);
  CHECK(between(events_of(job, "layer forward"), "+r 16 saved", "-up") ==
        Events{"+r 16 saved", "+feed-forward norm output 8 feed-forward", "+up 6 feed-forward",
               "-feed-forward norm output", "+x 16 saved", "-up"});
}

TEST_CASE("ZeRO-1: each gradient dies behind the update of the rank's part; what persists of states is shards") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16_mixed);
  job.method.sharding = StateSharding::zero1;
  job.optimizer.kind = OptimizerKind::adamw;
  CHECK(events_of(job, "gradient reduction").empty());
  CHECK(events_of(job, "optimizer step") == Events{"-embedding", "-attention norm gain", "-W_q", "-W_k", "-W_v", "-W_o",
                                                   "-feed-forward norm gain", "-W_up", "-W_down", "-final norm gain",
                                                   "-W_head", "-loss"});
}

TEST_CASE("ZeRO-2: gradients are handed out behind their unit's backward, in the order of parameters") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero2;
  const Events backward = events_of(job, "layer backward");
  CHECK(between(backward, "-x", "-W_down") == Events{"-x", "+attention norm gain 4 gradients", "-attention norm gain",
                                                     "+W_q 16 gradients", "-W_q", "+W_k 8 gradients", "-W_k",
                                                     "+W_v 8 gradients", "-W_v", "+W_o 16 gradients", "-W_o",
                                                     "+feed-forward norm gain 4 gradients", "-feed-forward norm gain",
                                                     "+W_up 12 gradients", "-W_up", "+W_down 12 gradients", "-W_down"});
  CHECK(events_of(job, "final norm backward") == Events{"+final norm gain 8 gradients", "-final norm statistics", "-x",
                                                        "+final norm gain 4 gradients", "-final norm gain",
                                                        "+W_head 20 gradients", "-W_head"});
  CHECK(events_of(job, "embedding backward") == Events{"+embedding 40 gradients", "-gradient of the residual stream",
                                                       "-token ids", "+embedding 20 gradients", "-embedding"});
}

TEST_CASE("ZeRO-2 with accumulation: the shards stand from the start, and take what is received") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero2;
  job.accumulate = true;
  CHECK(between(events_of(job, "layer backward"), "-x", "-received gradient shard") ==
        Events{"-x", "+received gradient shard 4 message", "-attention norm gain", "-received gradient shard"});
  CHECK(events_of(job, "final norm backward") ==
        Events{"+final norm gain 8 gradients", "-final norm statistics", "-x", "+received gradient shard 4 message",
               "-final norm gain", "-received gradient shard", "+received gradient shard 20 message", "-W_head",
               "-received gradient shard"});
}

TEST_CASE(
    "updates in backward: behind the unit's hand-out the shards die in order; whole gradients behind each update") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.optimizer.in_backward = true;
  job.method.sharding = GENERATE(StateSharding::none, StateSharding::zero1, StateSharding::zero2);
  const Events backward = events_of(job, "layer backward");
  const Events end(backward.end() - 9, backward.end());
  CHECK(Events(end.begin() + 1, end.end()) ==
        Events{"-attention norm gain", "-W_q", "-W_k", "-W_v", "-W_o", "-feed-forward norm gain", "-W_up", "-W_down"});
  if (job.method.sharding == StateSharding::zero2) {
    CHECK(end.front() == "-W_down");  // the hand-out's last
    CHECK(events_of(job, "embedding backward") == Events{"+embedding 40 gradients", "-gradient of the residual stream",
                                                         "-token ids", "+embedding 20 gradients", "-embedding",
                                                         "-embedding", "-loss"});
  } else {
    CHECK(end.front() == "-x");
    CHECK(events_of(job, "embedding backward") ==
          Events{"+embedding 40 gradients", "-gradient of the residual stream", "-token ids", "-embedding", "-loss"});
  }
  CHECK(events_of(job, "gradient reduction").empty());
  CHECK(events_of(job, "optimizer step").empty());
}

TEST_CASE("what decides about 8 bits is the shard, which has scales of its own") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero1;
  job.optimizer = {OptimizerKind::adamw, StateDType::int8};
  job.model.kinds[0].ffn_hidden = 2;
  const auto states_with = [&](std::int64_t vocab) {
    job.model.vocab = vocab;
    test::Bench bench;
    const measure::mpi::Exchange exchange;
    measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
    measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, communicator);
    (void)trainer.step();
    return bench.memory.ledger().live_by_category()[Category::optimizer_state];
  };
  // Shards of three gains 2, W_q and W_o 8, W_k, W_v, W_up and W_down 4.
  constexpr std::int64_t kOthers = 8 * (3 * 2 + 2 * 8 + 4 * 4);
  CHECK(states_with(2048) == Bytes(kOthers + 8 * 4096 + 2 * (4096 + 4 * 16)));  // the embedding, and W_head
  CHECK(states_with(2049) == Bytes(kOthers + 8 * 4098 + 2 * (4098 + 4 * 17)));
  CHECK(states_with(2047) == Bytes(kOthers + 2 * 8 * 4094));
}

TEST_CASE("ZeRO-3: a unit's whole parameters live around its work in a pass") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero3;
  job.dropout = true;
  const Events births = {"+attention norm gain 8 message",
                         "+W_q 32 message",
                         "+W_k 16 message",
                         "+W_v 16 message",
                         "+W_o 32 message",
                         "+feed-forward norm gain 8 message",
                         "+W_up 24 message",
                         "+W_down 24 message"};
  const Events deaths = {"-attention norm gain",    "-W_q",  "-W_k",   "-W_v", "-W_o",
                         "-feed-forward norm gain", "-W_up", "-W_down"};
  Events forward = events_of(job, "layer forward");
  CHECK(Events(forward.begin(), forward.begin() + 8) == births);
  Events end = {"+x 16 saved", "+feed-forward dropout mask 8 saved"};
  end.insert(end.end(), deaths.begin(), deaths.end());
  CHECK(Events(forward.end() - 10, forward.end()) == end);
  CHECK(events_of(job, "embedding") == Events{"+token ids 8 saved", "+target ids 8 head-and-loss",
                                              "+embedding 40 message", "+x 16 saved", "-embedding",
                                              "+embedding dropout mask 8 saved"});
  CHECK(events_of(job, "final norm") == Events{"+final norm gain 8 message", "+W_head 40 message",
                                               "+final norm output 16 head-and-loss",
                                               "+final norm statistics 8 head-and-loss"});
  const Events backward = events_of(job, "layer backward");
  CHECK(Events(backward.begin(), backward.begin() + 8) == births);
  const auto x = std::find(backward.begin(), backward.end(), "-x");
  REQUIRE(backward.end() - x == 1 + 8 + 16);  // the whole parameters die, then the gradients are handed out
  CHECK(Events(x + 1, x + 9) == deaths);
}

TEST_CASE("ZeRO-3: a segment's last layer goes from recompute to backward with its parameters, the others do not") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero3;
  job.model.layer_runs = {{2, {0}}};
  job.recompute = {RecomputeKind::every, 2};
  const auto count = [](const Events& events, const std::string& event) {
    return std::count(events.begin(), events.end(), event);
  };
  const Events again = events_of(job, "layer recompute"), backward = events_of(job, "layer backward");
  CHECK(count(again, "+W_q 32 message") == 2);
  CHECK(count(again, "-W_q") == 1);
  CHECK(count(backward, "+W_q 32 message") == 1);
  CHECK(count(backward, "-W_q") == 2 + 2);  // parameters, and gradients that are handed out
}

TEST_CASE("ZeRO-3: a tied embedding is whole for the gather and for the head") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16);
  job.method.sharding = StateSharding::zero3;
  job.model.tied_embeddings = true;
  CHECK(events_of(job, "final norm") == Events{"+final norm gain 8 message", "+embedding 40 message",
                                               "+final norm output 16 head-and-loss",
                                               "+final norm statistics 8 head-and-loss"});
  CHECK(events_of(job, "final norm backward") == Events{"+final norm gain 8 gradients", "-final norm statistics", "-x",
                                                        "-final norm gain", "-embedding",
                                                        "+final norm gain 4 gradients", "-final norm gain"});
}

TEST_CASE("shards are a rank's part of the elements, rounded up") {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16_mixed);
  job.method.sharding = StateSharding::zero3;
  job.optimizer.kind = OptimizerKind::adamw;
  job.model.vocab = 3;
  job.model.hidden = 5;
  job.model.layer_runs = {{1, {0}}};
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
  const measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, communicator);
  // embedding and W_head 15, three gains 5, W_q and W_o 20, W_k and W_v 10, W_up and W_down 15
  const std::int64_t shards = 2 * 8 + 3 * 3 + 2 * 10 + 2 * 5 + 2 * 8;
  CHECK(bench.memory.ledger().live_by_category()[Category::parameters] == Bytes(2 * shards));
  CHECK(bench.memory.ledger().live_by_category()[Category::optimizer_state] == Bytes(12 * shards));
}

namespace {

/// The copies around every parameter's update, of parts of so many elements in bf16.
Events copies_of(const std::vector<std::int64_t>& parts) {
  Events events;
  for (const std::int64_t elements : parts) {
    events.push_back(fmt::format("+copy of the gradient {} gradients", 2 * elements));
    events.push_back(fmt::format("+copy of the parameter {} parameters", 2 * elements));
    events.emplace_back("-copy of the gradient");
    events.emplace_back("-copy of the parameter");
  }
  return events;
}

/// Embedding and W_head 15, three gains 5, W_q and W_o 20, W_k and W_v 10, W_up and W_down 15: halves, rounded up.
const std::vector<std::int64_t> kParts = {8, 3, 10, 5, 5, 10, 3, 8, 8, 3, 8};

Job offloading(StateSharding sharding) {
  Job job = tiny(SequenceDistribution::ring, Attention::flash, Precision::bf16_mixed);
  job.model.vocab = 3;
  job.model.hidden = 5;
  job.optimizer.kind = OptimizerKind::adamw;
  job.recompute = {RecomputeKind::full, 1};
  job.method.sharding = sharding;
  job.method.offload_checkpoints = job.method.offload_optimizer = true;
  return job;
}

}  // namespace

TEST_CASE("offload under sharding: the host holds shards of states and copies the rank's parts") {
  const Job job = offloading(GENERATE(StateSharding::zero1, StateSharding::zero2, StateSharding::zero3));
  INFO(name_of(job.method.sharding));
  CHECK(events_of(job, "optimizer step", Side::host) == copies_of(kParts));
  CHECK(events_of(job, "layer forward", Side::host) == Events{"+checkpoint 20 saved"});
  CHECK(events_of(job, "layer recompute", Side::host) == Events{"-checkpoint"});
  CHECK(events_of(job, "layer backward", Side::host).empty());
  CHECK(events_of(job, "optimizer step") == Events{"-embedding", "-attention norm gain", "-W_q", "-W_k", "-W_v", "-W_o",
                                                   "-feed-forward norm gain", "-W_up", "-W_down", "-final norm gain",
                                                   "-W_head", "-loss"});
}

TEST_CASE("offload without sharding: every rank holds and copies all") {
  const Job job = offloading(StateSharding::none);
  CHECK(events_of(job, "optimizer step", Side::host) == copies_of({15, 5, 20, 10, 10, 20, 5, 15, 15, 5, 15}));
  CHECK(events_of(job, "gradient reduction", Side::host).empty());
}

TEST_CASE("offload under ZeRO-3: the checkpoint is back on the device before its layer's parameters are whole") {
  const Job job = offloading(StateSharding::zero3);
  const Events again = events_of(job, "layer recompute");
  REQUIRE(again.size() > 2);
  CHECK(Events(again.begin(), again.begin() + 2) == Events{"+x 20 saved", "+attention norm gain 10 message"});
  const Events forward = events_of(job, "layer forward");
  CHECK(between(forward, "+r 20 saved", "-x") == Events{"+r 20 saved", "-o", "-x"});
}

TEST_CASE("on ranks the host keeps shards of states alone behind a step, the device shards of parameters") {
  const Job job = offloading(StateSharding::zero3);
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, communicator, bench.host_side());
  (void)trainer.step();
  constexpr std::int64_t kShards = 71;  // all of kParts
  CHECK(bench.host.ledger().live_by_category()[Category::optimizer_state] == Bytes(12 * kShards));
  CHECK(bench.host.ledger().live() == Bytes(12 * kShards));
  CHECK(bench.memory.ledger().live() == Bytes(2 * kShards));
  CHECK(bench.host.ledger().peak().total == Bytes(12 * kShards + 2 * 2 * 10));
  CHECK(bench.host.ledger().peak().tensor == "copy of the parameter");
  CHECK(bench.host.ledger().peak().instant.name == "optimizer step");
}

// What lives of a layer, worked out from docs/runtime.md sections 3 to 7 by hand: "+name bytes category" is a birth,
// "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// One layer; 4 tokens, 4 wide; 2 query heads and 1 key head of 2; 3 wide feed-forward; blocks of 2 tokens; bf16.
Job tiny() {
  Job job = test::tiny_job(1, 3);
  job.method.attention = Attention::flash;
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk}) {
    chunk->tokens = Tokens(2);
  }
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.batch = 1;
  job.seq = Tokens(4);
  return job;
}

Job with_head_norms() {
  Job job = tiny();
  job.model.kinds[0].qk_norm = true;
  return job;
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  const bool is_saved = event.label.category == Category::saved_activations;
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(),
                     is_saved ? "saved" : name_of(event.label.category));
}

/// Of one step on the device.
Events events_of(const Job& job, std::string_view instant) {
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, measure::alone(), bench.host_side());
  bench.memory.ledger().begin_timeline();
  (void)trainer.step();
  Events events;
  for (const Event& event : bench.memory.ledger().timeline()) {
    if (event.instant.name == instant) events.push_back(told(event));
  }
  return events;
}

/// From the first `first` to the first `last` behind it.
Events between(const Events& events, const std::string& first, const std::string& last) {
  const auto begin = std::find(events.begin(), events.end(), first);
  const auto end = std::find(begin, events.end(), last);
  REQUIRE(end != events.end());
  return {begin, end + 1};
}

}  // namespace

TEST_CASE("norms of queries and keys keep the products that they read, with statistics of every head of a token") {
  CHECK(between(events_of(with_head_norms(), "layer forward"), "+attention norm output 32 saved", "+r 32 saved") ==
        Events{"+attention norm output 32 saved", "+attention norm statistics 16 saved", "+raw q 32 saved",
               "+q 32 saved", "+query norm statistics 32 saved", "+raw k 16 saved", "+k 16 saved",
               "+key norm statistics 16 saved", "+v 16 saved", "+o 32 saved", "+logsumexp 32 saved", "+r 32 saved"});
}

TEST_CASE("where a pass discards, what a norm of queries or keys reads dies behind it") {
  Job job = with_head_norms();
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 32 attention", "-o") ==
        Events{"+attention norm output 32 attention", "+raw q 32 attention", "+q 32 attention", "-raw q",
               "+raw k 16 attention", "+k 16 attention", "-raw k", "+v 16 attention", "-attention norm output",
               "+o 32 attention", "-q", "-k", "-v", "+r 32 saved", "-o"});
}

TEST_CASE("the backward of norms of queries and keys is in place, behind the core and in front of the products") {
  CHECK(between(events_of(with_head_norms(), "layer backward"), "-accumulator of dq", "-x") ==
        Events{"-accumulator of dq", "+query norm gain 4 gradients", "-raw q", "-query norm statistics",
               "+key norm gain 4 gradients", "-raw k", "-key norm statistics", "+W_q 32 gradients", "+W_k 16 gradients",
               "+W_v 16 gradients", "-attention norm output", "+gradient of the attention norm output 32 attention",
               "-dq", "-dk", "-dv", "+attention norm gain 8 gradients", "-attention norm statistics",
               "-gradient of the attention norm output", "-x"});
}

TEST_CASE("in a blockwise layer raw queries live within a block's backward, raw keys once more behind the last block") {
  Job job = with_head_norms();
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 attention", "-attention norm output") ==
        Events{"+attention norm output 16 attention", "+raw k 8 attention", "+K 16 saved", "-raw k", "+V 16 saved",
               "-attention norm output"});
  const Events backward = events_of(job, "layer backward");
  CHECK(between(backward, "+attention norm output 16 attention", "+r 16 saved") ==
        Events{"+attention norm output 16 attention", "+attention norm statistics 8 attention", "+raw q 16 attention",
               "+q 16 attention", "+query norm statistics 16 attention", "+o 16 attention", "+logsumexp 16 attention",
               "+r 16 saved"});
  CHECK(between(backward, "-accumulator of dq", "+W_q 32 gradients") ==
        Events{"-accumulator of dq", "+query norm gain 4 gradients", "-raw q", "-query norm statistics",
               "+W_q 32 gradients"});
  CHECK(between(backward, "-K", "-attention norm output") ==
        Events{"-K", "-V", "+attention norm output 16 attention", "+attention norm statistics 8 attention",
               "+raw k 8 attention", "+key norm statistics 8 attention", "+dk 8 attention", "+dv 8 attention",
               "+key norm gain 4 gradients", "-raw k", "-key norm statistics", "+W_k 16 gradients", "+W_v 16 gradients",
               "-attention norm output"});
}

TEST_CASE("FPDT keeps neither raw queries nor raw keys: each is there again for its norm's backward") {
  Job job = with_head_norms();
  job.method.sequence = SequenceDistribution::fpdt;
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 attention", "-attention norm output") ==
        Events{"+attention norm output 16 attention", "+raw q 16 attention", "+q 16 attention", "-raw q",
               "+raw k 8 attention", "+k 8 attention", "-raw k", "+v 8 attention", "-attention norm output"});
  CHECK(between(events_of(job, "layer backward"), "-accumulator of dv", "+W_q 32 gradients") ==
        Events{"-accumulator of dv", "+attention norm output 16 attention", "+attention norm statistics 8 attention",
               "+raw q 16 attention", "+query norm statistics 16 attention", "+query norm gain 4 gradients", "-raw q",
               "-query norm statistics", "+raw k 8 attention", "+key norm statistics 8 attention",
               "+key norm gain 4 gradients", "-raw k", "-key norm statistics", "+W_q 32 gradients"});
}

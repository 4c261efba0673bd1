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

Job with_branches(Residual residual) {
  Job job = tiny();
  job.model.kinds[0].residual = residual;
  return job;
}

/// Two layers, of which the second one's input dies in forward.
Job discarding(Residual residual) {
  Job job = with_branches(residual);
  job.model.layer_runs = {{2, {0}}};
  job.recompute = {RecomputeKind::every, 2};
  return job;
}

/// With latents 5 and 7 wide; heads of 6, of which 2 are rotated, with values of 3.
Job with_latents() {
  Job job = tiny();
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].head_dim = 6;
  job.model.kinds[0].latent = LatentAttention{5, 7, 2, 3};
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

/// The last so many.
Events last(const Events& events, std::ptrdiff_t count) {
  REQUIRE(std::ssize(events) >= count);
  return {events.end() - count, events.end()};
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

TEST_CASE("parallel branches: r dies behind the sum with the feed-forward, also where the pass keeps") {
  CHECK(last(events_of(with_branches(Residual::parallel), "layer forward"), 7) ==
        Events{"+r 32 saved", "+feed-forward norm output 32 saved", "+feed-forward norm statistics 16 saved",
               "+up 24 saved", "+activated 24 saved", "+x 32 saved", "-r"});
  CHECK(last(events_of(with_branches(Residual::parallel_shared_norm), "layer forward"), 5) ==
        Events{"+r 32 saved", "+up 24 saved", "+activated 24 saved", "+x 32 saved", "-r"});
}

TEST_CASE(
    "parallel branches: the feed-forward's gradient is in the place of its norm's, until attention is at its norm") {
  const Events backward = events_of(with_branches(Residual::parallel), "layer backward");
  CHECK(between(backward, "+W_down 24 gradients", "+W_o 32 gradients") ==
        Events{"+W_down 24 gradients", "-activated", "+gradient of activated 24 feed-forward", "-up",
               "+W_up 24 gradients", "-feed-forward norm output",
               "+gradient of the feed-forward norm output 32 feed-forward", "-gradient of activated",
               "+feed-forward norm gain 8 gradients", "-feed-forward norm statistics", "+W_o 32 gradients"});
  CHECK(last(backward, 5) == Events{"+attention norm gain 8 gradients", "-attention norm statistics",
                                    "-gradient of the attention norm output",
                                    "-gradient of the feed-forward norm output", "-x"});
}

TEST_CASE("one norm: both branches read its output, whose gradient takes the feed-forward's") {
  const Events backward = events_of(with_branches(Residual::parallel_shared_norm), "layer backward");
  CHECK(between(backward, "+W_down 24 gradients", "+W_o 32 gradients") ==
        Events{"+W_down 24 gradients", "-activated", "+gradient of activated 24 feed-forward", "-up",
               "+W_up 24 gradients", "+gradient of the feed-forward norm output 32 feed-forward",
               "-gradient of activated", "+W_o 32 gradients"});
  CHECK(between(backward, "+W_v 16 gradients", "-x") ==
        Events{"+W_v 16 gradients", "-attention norm output", "+gradient of the attention norm output 32 attention",
               "-dq", "-dk", "-dv", "-gradient of the feed-forward norm output", "+attention norm gain 8 gradients",
               "-attention norm statistics", "-gradient of the attention norm output", "-x"});
}

TEST_CASE("parallel branches where a pass discards: x dies behind the last norm or sum that reads it") {
  CHECK(last(events_of(discarding(Residual::parallel), "layer forward"), 8) ==
        Events{"-o", "+feed-forward norm output 32 feed-forward", "-x", "+up 24 feed-forward",
               "-feed-forward norm output", "+x 32 saved", "-up", "-r"});
  CHECK(last(events_of(discarding(Residual::parallel_shared_norm), "layer forward"), 8) ==
        Events{"+r 32 saved", "-o", "-x", "+up 24 feed-forward", "-attention norm output", "+x 32 saved", "-up", "-r"});
}

TEST_CASE("parallel branches with a chunked feed-forward: what chunks read dies behind the last one") {
  Job job = discarding(Residual::parallel);
  job.method.feed_forward = FeedForward::chunked;
  CHECK(last(events_of(job, "layer forward"), 11) ==
        Events{"+feed-forward norm output 16 feed-forward", "+up 12 feed-forward", "-feed-forward norm output",
               "+x 32 saved", "-up", "+feed-forward norm output 16 feed-forward", "+up 12 feed-forward",
               "-feed-forward norm output", "-up", "-x", "-r"});
  job.model.kinds[0].residual = Residual::parallel_shared_norm;
  CHECK(last(events_of(job, "layer forward"), 8) == Events{"-x", "+up 12 feed-forward", "+x 32 saved", "-up",
                                                           "+up 12 feed-forward", "-up", "-attention norm output",
                                                           "-r"});
  const Events backward = events_of(job, "layer backward");
  const std::string waiting = "gradient of the feed-forward norm output";
  CHECK(std::count(backward.begin(), backward.end(), "+" + waiting + " 32 feed-forward") == 2);  // once a layer
}

TEST_CASE("parallel branches: the recompute of a segment's last layer has no r") {
  Job job = with_branches(GENERATE(Residual::parallel, Residual::parallel_shared_norm));
  job.recompute = {RecomputeKind::full, 1};
  job.method.feed_forward = GENERATE(FeedForward::whole, FeedForward::chunked);
  const Events again = events_of(job, "layer recompute"), backward = events_of(job, "layer backward");
  CHECK(std::count(again.begin(), again.end(), "+o 32 attention") == 1);
  CHECK(std::count(again.begin(), again.end(), "+r 32 saved") == 0);
  CHECK(std::count(backward.begin(), backward.end(), "-r") == 0);
}

TEST_CASE("parallel branches in a blockwise layer: a block's backward has no r, and its gradient waits within it") {
  Job job = with_branches(Residual::parallel);
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(between(events_of(job, "layer backward"), "+attention norm output 16 attention", "+W_o 32 gradients") ==
        Events{"+attention norm output 16 attention",
               "+attention norm statistics 8 attention",
               "+q 16 attention",
               "+o 16 attention",
               "+logsumexp 16 attention",
               "+feed-forward norm output 16 feed-forward",
               "+feed-forward norm statistics 8 feed-forward",
               "+up 12 feed-forward",
               "+activated 12 feed-forward",
               "+W_down 24 gradients",
               "-activated",
               "+gradient of activated 12 feed-forward",
               "-up",
               "+W_up 24 gradients",
               "-feed-forward norm output",
               "+gradient of the feed-forward norm output 16 feed-forward",
               "-gradient of activated",
               "+feed-forward norm gain 8 gradients",
               "-feed-forward norm statistics",
               "+W_o 32 gradients"});
  job.model.kinds[0].residual = Residual::parallel_shared_norm;
  CHECK(between(events_of(job, "layer backward"), "+W_q 32 gradients", "-gradient of the attention norm output") ==
        Events{"+W_q 32 gradients", "-attention norm output", "+gradient of the attention norm output 16 attention",
               "-dq", "-gradient of the feed-forward norm output", "+attention norm gain 8 gradients",
               "-attention norm statistics", "-gradient of the attention norm output"});
}

TEST_CASE("latent attention keeps latents and what their norms read; keys and values are put together of parts") {
  CHECK(between(events_of(with_latents(), "layer forward"), "+attention norm output 32 saved", "+r 32 saved") ==
        Events{"+attention norm output 32 saved",
               "+attention norm statistics 16 saved",
               "+raw query latent 40 saved",
               "+query latent 40 saved",
               "+query latent statistics 16 saved",
               "+q 96 saved",
               "+raw latent 56 saved",
               "+rope key 16 attention",
               "+latent 56 saved",
               "+latent statistics 16 saved",
               "+nope keys 64 attention",
               "+k 96 saved",
               "-nope keys",
               "-rope key",
               "+values 48 attention",
               "+v 96 saved",
               "-values",
               "+o 96 saved",
               "+logsumexp 32 saved",
               "+narrow o 48 saved",
               "+r 32 saved"});
}

TEST_CASE("without a latent of queries and with values as wide as keys, q and v are products") {
  Job job = with_latents();
  job.model.kinds[0].latent = LatentAttention{{}, 7, 2, 6};
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 32 saved", "+r 32 saved") ==
        Events{"+attention norm output 32 saved", "+attention norm statistics 16 saved", "+q 96 saved",
               "+raw latent 56 saved", "+rope key 16 attention", "+latent 56 saved", "+latent statistics 16 saved",
               "+nope keys 64 attention", "+k 96 saved", "-nope keys", "-rope key", "+v 96 saved", "+o 96 saved",
               "+logsumexp 32 saved", "+r 32 saved"});
  CHECK(between(events_of(job, "layer backward"), "-accumulator of dq", "-x") ==
        Events{"-accumulator of dq",
               "+gradient of the rope key 16 attention",
               "+gradient of the nope keys 64 attention",
               "-dk",
               "+W_uk 112 gradients",
               "+W_uv 168 gradients",
               "-latent",
               "+gradient of the latent 56 attention",
               "-gradient of the nope keys",
               "-dv",
               "+latent norm gain 14 gradients",
               "-raw latent",
               "-latent statistics",
               "+W_q 96 gradients",
               "+W_dkv 56 gradients",
               "+W_kr 16 gradients",
               "-attention norm output",
               "+gradient of the attention norm output 32 attention",
               "-dq",
               "-gradient of the latent",
               "-gradient of the rope key",
               "+attention norm gain 8 gradients",
               "-attention norm statistics",
               "-gradient of the attention norm output",
               "-x"});
}

TEST_CASE("a core whose backward does not read o leaves narrow o alone") {
  Job job = with_latents();
  job.method.attention = Attention::vanilla;
  CHECK(between(events_of(job, "layer forward"), "-values", "+r 32 saved") ==
        Events{"-values", "+scores 64 saved", "+o 96 attention", "+narrow o 48 saved", "-o", "+r 32 saved"});
}

TEST_CASE("where a pass discards, latents die behind the products that read them") {
  Job job = with_latents();
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 32 attention", "-narrow o") ==
        Events{"+attention norm output 32 attention",
               "+raw query latent 40 attention",
               "+query latent 40 attention",
               "-raw query latent",
               "+q 96 attention",
               "-query latent",
               "+raw latent 56 attention",
               "+rope key 16 attention",
               "-attention norm output",
               "+latent 56 attention",
               "-raw latent",
               "+nope keys 64 attention",
               "+k 96 attention",
               "-nope keys",
               "-rope key",
               "+values 48 attention",
               "-latent",
               "+v 96 attention",
               "-values",
               "+o 96 attention",
               "-q",
               "-k",
               "-v",
               "+narrow o 48 attention",
               "-o",
               "+r 32 saved",
               "-narrow o"});
}

TEST_CASE("the backward of latent attention goes from narrow o to o, and from q, k and v to latents") {
  CHECK(between(events_of(with_latents(), "layer backward"), "+W_o 48 gradients", "-x") ==
        Events{"+W_o 48 gradients",
               "-narrow o",
               "+gradient of narrow o 48 attention",
               "+gradient of o 96 attention",
               "-gradient of narrow o",
               "+D 32 attention",
               "-o",
               "+accumulator of dq 192 attention",
               "+dk 96 attention",
               "+dv 96 attention",
               "-q",
               "-k",
               "-v",
               "-gradient of o",
               "-logsumexp",
               "-D",
               "+dq 96 attention",
               "-accumulator of dq",
               "+W_uq 120 gradients",
               "-query latent",
               "+gradient of the query latent 40 attention",
               "-dq",
               "+query latent norm gain 10 gradients",
               "-raw query latent",
               "-query latent statistics",
               "+gradient of the rope key 16 attention",
               "+gradient of the nope keys 64 attention",
               "-dk",
               "+gradient of the values 48 attention",
               "-dv",
               "+W_uk 112 gradients",
               "+W_uv 84 gradients",
               "-latent",
               "+gradient of the latent 56 attention",
               "-gradient of the nope keys",
               "-gradient of the values",
               "+latent norm gain 14 gradients",
               "-raw latent",
               "-latent statistics",
               "+W_dq 40 gradients",
               "+W_dkv 56 gradients",
               "+W_kr 16 gradients",
               "-attention norm output",
               "+gradient of the attention norm output 32 attention",
               "-gradient of the query latent",
               "-gradient of the latent",
               "-gradient of the rope key",
               "+attention norm gain 8 gradients",
               "-attention norm statistics",
               "-gradient of the attention norm output",
               "-x"});
}

TEST_CASE("in a blockwise layer a query block has its latent as its q, key blocks have theirs behind the last block") {
  Job job = with_latents();
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 attention", "-values") ==
        Events{"+attention norm output 16 attention", "+raw latent 28 attention", "+rope key 8 attention",
               "-attention norm output", "+latent 28 attention", "-raw latent", "+nope keys 32 attention",
               "+K 96 saved", "-nope keys", "-rope key", "+values 24 attention", "-latent", "+V 96 saved", "-values"});
  const Events backward = events_of(job, "layer backward");
  CHECK(between(backward, "+attention norm output 16 attention", "+r 16 saved") ==
        Events{"+attention norm output 16 attention", "+attention norm statistics 8 attention",
               "+raw query latent 20 attention", "+query latent 20 attention", "+query latent statistics 8 attention",
               "+q 48 attention", "+o 48 attention", "+logsumexp 16 attention", "+narrow o 24 attention",
               "+r 16 saved"});
  CHECK(between(backward, "-accumulator of dq", "-gradient of the query latent") ==
        Events{"-accumulator of dq", "+W_uq 120 gradients", "-query latent",
               "+gradient of the query latent 20 attention", "-dq", "+query latent norm gain 10 gradients",
               "-raw query latent", "-query latent statistics", "+W_dq 40 gradients", "-attention norm output",
               "+gradient of the attention norm output 16 attention", "-gradient of the query latent"});
  CHECK(between(backward, "-K", "-gradient of the rope key") ==
        Events{"-K",
               "-V",
               "+attention norm output 16 attention",
               "+attention norm statistics 8 attention",
               "+raw latent 28 attention",
               "+latent 28 attention",
               "+latent statistics 8 attention",
               "+dk 48 attention",
               "+dv 48 attention",
               "+gradient of the rope key 8 attention",
               "+gradient of the nope keys 32 attention",
               "-dk",
               "+gradient of the values 24 attention",
               "-dv",
               "+W_uk 112 gradients",
               "+W_uv 84 gradients",
               "-latent",
               "+gradient of the latent 28 attention",
               "-gradient of the nope keys",
               "-gradient of the values",
               "+latent norm gain 14 gradients",
               "-raw latent",
               "-latent statistics",
               "+W_dkv 56 gradients",
               "+W_kr 16 gradients",
               "-attention norm output",
               "+gradient of the attention norm output 16 attention",
               "-gradient of the latent",
               "-gradient of the rope key"});
}

TEST_CASE("the parameters of latent attention stand in the place of W_q, W_k and W_v, in front of W_o") {
  CHECK(between(events_of(with_latents(), "optimizer step"), "-attention norm gain", "-W_o") ==
        Events{"-attention norm gain", "-W_dq", "-query latent norm gain", "-W_uq", "-W_dkv", "-latent norm gain",
               "-W_kr", "-W_uk", "-W_uv", "-W_o"});
  Job job = with_latents();
  job.model.kinds[0].latent->query_rank.reset();
  CHECK(between(events_of(job, "optimizer step"), "-attention norm gain", "-W_dkv") ==
        Events{"-attention norm gain", "-W_q", "-W_dkv"});
}

// Events of one rank of two that share each parameter matrix, worked out from docs/runtime.md by hand.

#include <headroom/measure/measurement.h>

#include "catch.h"
#include "rank_events.h"
#include "ranks.h"

using namespace headroom;
using headroom::test::between;
using headroom::test::Events;
using headroom::test::events_of;

namespace {

/// One layer, 4 wide; 4 tokens; of 2 query heads of 2 each rank has one and both have the one key head; 3 of 6 wide
/// feed-forward; 3 of 5 words, one of them padding on the second rank.
Job tiny(SequenceDistribution sequence) {
  Job job = test::tiny_job(1, 6);
  job.method.sequence = sequence;
  job.method.attention = Attention::flash;
  job.method.head = Head::dense;
  job.method.head_chunk.tokens = job.method.ffn_chunk.tokens = Tokens(1);
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.degrees.tensor = 2;
  job.batch = 1;
  job.seq = Tokens(4);
  return job;
}
Job plain() { return tiny(SequenceDistribution::none); }
Job megatron() { return tiny(SequenceDistribution::megatron_sp); }

}  // namespace

TEST_CASE("tensor ranks have a part of the heads, the width and the vocabulary, and all tokens") {
  CHECK(events_of(plain(), "layer forward") ==
        Events{"+attention norm output 32 saved", "+attention norm statistics 16 saved", "+q 16 saved", "+k 16 saved",
               "+v 16 saved", "+o 16 saved", "+logsumexp 16 saved", "+r 32 saved", "+feed-forward norm output 32 saved",
               "+feed-forward norm statistics 16 saved", "+up 24 saved", "+activated 24 saved", "+x 32 saved"});
  CHECK(events_of(plain(), "embedding") ==
        Events{"+token ids 16 saved", "+target ids 16 head-and-loss", "+x 32 saved"});
  CHECK(between(events_of(plain(), "layer backward"), "+W_down 24 gradients", "-r") ==
        Events{"+W_down 24 gradients", "-activated", "+gradient of activated 24 feed-forward", "-up",
               "+W_up 24 gradients", "-feed-forward norm output",
               "+gradient of the feed-forward norm output 32 feed-forward", "-gradient of activated",
               "+feed-forward norm gain 8 gradients", "-feed-forward norm statistics",
               "-gradient of the feed-forward norm output", "-r"});
}

TEST_CASE("the loss over parts of the vocabulary: row maxima, row sums and target logits, all fp32") {
  Job job = plain();
  CHECK(events_of(job, "head") == Events{"+logits 24 head-and-loss", "+row maxima 16 head-and-loss",
                                         "+row sums 16 head-and-loss", "+target logits 16 head-and-loss",
                                         "+loss 4 head-and-loss", "-row maxima", "-row sums", "-target logits",
                                         "+W_head 24 gradients", "-final norm output",
                                         "+gradient of the residual stream 32 saved", "-logits", "-target ids"});
  job.method.head = Head::chunked;
  job.method.head_chunk.tokens = Tokens(3);
  CHECK(events_of(job, "head") == Events{"+logits 18 head-and-loss",
                                         "+row maxima 12 head-and-loss",
                                         "+row sums 12 head-and-loss",
                                         "+target logits 12 head-and-loss",
                                         "+loss 4 head-and-loss",
                                         "-row maxima",
                                         "-row sums",
                                         "-target logits",
                                         "-logits",
                                         "+logits 6 head-and-loss",
                                         "+row maxima 4 head-and-loss",
                                         "+row sums 4 head-and-loss",
                                         "+target logits 4 head-and-loss",
                                         "-row maxima",
                                         "-row sums",
                                         "-target logits",
                                         "-logits",
                                         "+logits 18 head-and-loss",
                                         "+row maxima 12 head-and-loss",
                                         "+row sums 12 head-and-loss",
                                         "+target logits 12 head-and-loss",
                                         "-row maxima",
                                         "-row sums",
                                         "-target logits",
                                         "+W_head 24 gradients",
                                         "+gradient of the residual stream 32 saved",
                                         "-logits",
                                         "+logits 6 head-and-loss",
                                         "+row maxima 4 head-and-loss",
                                         "+row sums 4 head-and-loss",
                                         "+target logits 4 head-and-loss",
                                         "-row maxima",
                                         "-row sums",
                                         "-target logits",
                                         "-logits",
                                         "-final norm output",
                                         "-target ids"});
}

TEST_CASE("what persists is a rank's part, with the vocabulary's padding") {
  Job job = plain();
  job.optimizer.kind = OptimizerKind::adamw;
  job.precision = Precision::bf16_mixed;
  job.model.kinds[0].qkv_bias = job.model.kinds[0].out_bias = job.model.kinds[0].ffn_bias = true;
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
  const measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, communicator);
  // embedding and W_head 3 x 4, three gains 4, W_q, W_k, W_v and W_o 4 x 2 and their biases 2, 2, 2 and 4, W_up and
  // W_down 4 x 3 and their biases 3 and 4
  const std::int64_t parameters = 2 * 12 + 3 * 4 + 4 * 8 + 3 * 2 + 4 + 2 * 12 + 3 + 4;
  CHECK(bench.memory.ledger().live_by_category()[Category::parameters] == Bytes(2 * parameters));
  CHECK(bench.memory.ledger().live_by_category()[Category::optimizer_state] == Bytes(12 * parameters));
}

TEST_CASE("Megatron-SP: products see the tokens of all ranks, gathered in front of them and scattered behind") {
  CHECK(events_of(megatron(), "layer forward") == Events{"+attention norm output 16 saved",
                                                         "+attention norm statistics 8 saved",
                                                         "+gathered attention norm output 32 message",
                                                         "+q 16 saved",
                                                         "+k 16 saved",
                                                         "+v 16 saved",
                                                         "-gathered attention norm output",
                                                         "+o 16 saved",
                                                         "+logsumexp 16 saved",
                                                         "+partial sums 32 message",
                                                         "+r 16 saved",
                                                         "-partial sums",
                                                         "+feed-forward norm output 16 saved",
                                                         "+feed-forward norm statistics 8 saved",
                                                         "+gathered feed-forward norm output 32 message",
                                                         "+up 24 saved",
                                                         "-gathered feed-forward norm output",
                                                         "+activated 24 saved",
                                                         "+partial sums 32 message",
                                                         "+x 16 saved",
                                                         "-partial sums"});
  CHECK(events_of(megatron(), "layer backward") == Events{"+gathered gradient of the feed-forward branch 32 message",
                                                          "+W_down 24 gradients",
                                                          "-activated",
                                                          "+gradient of activated 24 feed-forward",
                                                          "-gathered gradient of the feed-forward branch",
                                                          "-up",
                                                          "+gathered feed-forward norm output 32 message",
                                                          "-feed-forward norm output",
                                                          "+W_up 24 gradients",
                                                          "-gathered feed-forward norm output",
                                                          "+partial sums 32 message",
                                                          "-gradient of activated",
                                                          "+gradient of the feed-forward norm output 16 feed-forward",
                                                          "-partial sums",
                                                          "+feed-forward norm gain 8 gradients",
                                                          "-feed-forward norm statistics",
                                                          "-gradient of the feed-forward norm output",
                                                          "-r",
                                                          "+gathered gradient of the attention branch 32 message",
                                                          "+W_o 16 gradients",
                                                          "+gradient of o 16 attention",
                                                          "-gathered gradient of the attention branch",
                                                          "+D 16 attention",
                                                          "-o",
                                                          "+accumulator of dq 32 attention",
                                                          "+dk 16 attention",
                                                          "+dv 16 attention",
                                                          "-q",
                                                          "-k",
                                                          "-v",
                                                          "-gradient of o",
                                                          "-logsumexp",
                                                          "-D",
                                                          "+dq 16 attention",
                                                          "-accumulator of dq",
                                                          "+gathered attention norm output 32 message",
                                                          "-attention norm output",
                                                          "+W_q 16 gradients",
                                                          "+W_k 16 gradients",
                                                          "+W_v 16 gradients",
                                                          "-gathered attention norm output",
                                                          "+partial sums 32 message",
                                                          "-dq",
                                                          "-dk",
                                                          "-dv",
                                                          "+gradient of the attention norm output 16 attention",
                                                          "-partial sums",
                                                          "+attention norm gain 8 gradients",
                                                          "-attention norm statistics",
                                                          "-gradient of the attention norm output",
                                                          "-x"});
}

TEST_CASE("Megatron-SP: a pass that discards lets the norm's output die behind the gather") {
  Job job = megatron();
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 attention", "-o") ==
        Events{"+attention norm output 16 attention", "+gathered attention norm output 32 message",
               "-attention norm output", "+q 16 attention", "+k 16 attention", "+v 16 attention",
               "-gathered attention norm output", "+o 16 attention", "-q", "-k", "-v", "+partial sums 32 message",
               "-o"});
}

TEST_CASE("Megatron-SP: norms of queries and keys read and keep the heads of all tokens") {
  Job job = megatron();
  job.model.kinds[0].qk_norm = true;
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 saved", "+o 16 saved") ==
        Events{"+attention norm output 16 saved", "+attention norm statistics 8 saved",
               "+gathered attention norm output 32 message", "+raw q 16 saved", "+q 16 saved",
               "+query norm statistics 16 saved", "+raw k 16 saved", "+k 16 saved", "+key norm statistics 16 saved",
               "+v 16 saved", "-gathered attention norm output", "+o 16 saved"});
}

TEST_CASE("Megatron-SP: where branches have one norm each gathers its output for itself") {
  Job job = megatron();
  job.model.kinds[0].residual = Residual::parallel_shared_norm;
  CHECK(between(events_of(job, "layer forward"), "+r 16 saved", "-r") ==
        Events{"+r 16 saved", "-partial sums", "+gathered feed-forward norm output 32 message", "+up 24 saved",
               "-gathered feed-forward norm output", "+activated 24 saved", "+partial sums 32 message", "+x 16 saved",
               "-partial sums", "-r"});
  const Events backward = events_of(job, "layer backward");
  CHECK(between(backward, "-up", "+gathered gradient of the attention branch 32 message") ==
        Events{"-up", "+gathered feed-forward norm output 32 message", "+W_up 24 gradients",
               "-gathered feed-forward norm output", "+partial sums 32 message", "-gradient of activated",
               "+gradient of the feed-forward norm output 16 feed-forward", "-partial sums",
               "+gathered gradient of the attention branch 32 message"});
  CHECK(between(backward, "+gradient of the attention norm output 16 attention", "-x") ==
        Events{"+gradient of the attention norm output 16 attention", "-partial sums",
               "-gradient of the feed-forward norm output", "+attention norm gain 8 gradients",
               "-attention norm statistics", "-gradient of the attention norm output", "-x"});
  job.recompute = {RecomputeKind::full, 1};
  CHECK(between(events_of(job, "layer forward"), "-o", "+up 24 feed-forward") ==
        Events{"-o", "+r 16 saved", "-partial sums", "+gathered feed-forward norm output 32 message",
               "-attention norm output", "+up 24 feed-forward"});
}

TEST_CASE("Megatron-SP: dropout and post-norms work on the rank's tokens, and their branch gradient is gathered") {
  Job job = megatron();
  job.dropout = true;
  job.model.kinds[0].post_norms = true;
  CHECK(between(events_of(job, "layer forward"), "+partial sums 32 message", "+r 16 saved") ==
        Events{"+partial sums 32 message", "+attention product 16 saved", "-partial sums",
               "+attention dropout mask 8 saved", "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+gradient of the attention branch 16 attention",
                "+W_o 16 gradients") == Events{"+gradient of the attention branch 16 attention",
                                               "+attention post-norm gain 8 gradients", "-attention product",
                                               "-attention post-norm statistics", "-attention dropout mask",
                                               "+gathered gradient of the attention branch 32 message",
                                               "-gradient of the attention branch", "+W_o 16 gradients"});
}

TEST_CASE("Megatron-SP: experts read the gathered norm's output, and places are those of all tokens") {
  Job job = megatron();
  job.model.kinds[0].experts = Experts{2, 1, {}, false, false, {}};
  CHECK(between(events_of(job, "layer forward"), "+feed-forward norm output 16 saved", "+x 16 saved") ==
        Events{"+feed-forward norm output 16 saved", "+feed-forward norm statistics 8 saved",
               "+gathered feed-forward norm output 32 message", "+router logits 32 feed-forward",
               "+chosen experts 16 saved", "+places 16 saved", "+weights of the choice 16 saved",
               "+first places 12 saved", "-router logits", "+placed rows 32 feed-forward",
               "-gathered feed-forward norm output", "+up 24 saved", "-placed rows", "+activated 24 saved",
               "+expert outputs 32 saved", "+partial sums 32 message", "+x 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "+gathered gradient of the feed-forward branch 32 message", "-r") ==
        Events{"+gathered gradient of the feed-forward branch 32 message",
               "-gathered gradient of the feed-forward branch",
               "+W_down 48 gradients",
               "-activated",
               "+gradient of activated 24 feed-forward",
               "-expert outputs",
               "-up",
               "+gathered feed-forward norm output 32 message",
               "-feed-forward norm output",
               "+placed rows 32 feed-forward",
               "+W_up 48 gradients",
               "-placed rows",
               "+gradient of the placed rows 32 feed-forward",
               "-gradient of activated",
               "+partial sums 32 message",
               "-gradient of the placed rows",
               "+gradient of the router logits 32 feed-forward",
               "-chosen experts",
               "-places",
               "-weights of the choice",
               "-first places",
               "+W_r 16 gradients",
               "-gathered feed-forward norm output",
               "-gradient of the router logits",
               "+gradient of the feed-forward norm output 16 feed-forward",
               "-partial sums",
               "+feed-forward norm gain 8 gradients",
               "-feed-forward norm statistics",
               "-gradient of the feed-forward norm output",
               "-r"});
}

TEST_CASE("Megatron-SP: latents span all tokens and are whole on every rank, what they give is of the rank's heads") {
  Job job = megatron();
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].head_dim = 6;
  job.model.kinds[0].latent = LatentAttention{5, 7, 2, 3};
  CHECK(between(events_of(job, "layer forward"), "+attention norm output 16 saved", "+r 16 saved") ==
        Events{"+attention norm output 16 saved",
               "+attention norm statistics 8 saved",
               "+gathered attention norm output 32 message",
               "+raw query latent 40 saved",
               "+query latent 40 saved",
               "+query latent statistics 16 saved",
               "+q 48 saved",
               "+raw latent 56 saved",
               "+rope key 16 attention",
               "-gathered attention norm output",
               "+latent 56 saved",
               "+latent statistics 16 saved",
               "+nope keys 32 attention",
               "+k 48 saved",
               "-nope keys",
               "-rope key",
               "+values 24 attention",
               "+v 48 saved",
               "-values",
               "+o 48 saved",
               "+logsumexp 16 saved",
               "+narrow o 24 saved",
               "+partial sums 32 message",
               "+r 16 saved"});
  CHECK(between(events_of(job, "layer backward"), "-accumulator of dq", "+attention norm gain 8 gradients") ==
        Events{"-accumulator of dq",
               "+W_uq 60 gradients",
               "-query latent",
               "+gradient of the query latent 40 attention",
               "-dq",
               "+query latent norm gain 10 gradients",
               "-raw query latent",
               "-query latent statistics",
               "+gradient of the rope key 16 attention",
               "+gradient of the nope keys 32 attention",
               "-dk",
               "+gradient of the values 24 attention",
               "-dv",
               "+W_uk 56 gradients",
               "+W_uv 42 gradients",
               "-latent",
               "+gradient of the latent 56 attention",
               "-gradient of the nope keys",
               "-gradient of the values",
               "+latent norm gain 14 gradients",
               "-raw latent",
               "-latent statistics",
               "+gathered attention norm output 32 message",
               "-attention norm output",
               "+W_dq 40 gradients",
               "+W_dkv 56 gradients",
               "+W_kr 16 gradients",
               "-gathered attention norm output",
               "+partial sums 32 message",
               "-gradient of the query latent",
               "-gradient of the latent",
               "-gradient of the rope key",
               "+gradient of the attention norm output 16 attention",
               "-partial sums",
               "+attention norm gain 8 gradients"});
}

TEST_CASE("Megatron-SP: a chunk is one of the rank's tokens, its products see the chunks of all ranks") {
  Job job = megatron();
  job.method.feed_forward = FeedForward::chunked;
  CHECK(between(events_of(job, "layer forward"), "+feed-forward norm output 8 feed-forward", "-partial sums") ==
        Events{"+feed-forward norm output 8 feed-forward", "+gathered feed-forward norm output 16 message",
               "-feed-forward norm output", "+up 12 feed-forward", "-gathered feed-forward norm output",
               "+partial sums 16 message", "-up", "+x 16 saved", "-partial sums"});
}

TEST_CASE("Megatron-SP: ids span all tokens, the embedding's sums and gradient cross too") {
  Job job = megatron();
  job.dropout = true;
  job.model.positions = Positions::learned;
  job.model.max_positions = 4;
  CHECK(events_of(job, "embedding") == Events{"+token ids 16 saved", "+target ids 16 head-and-loss",
                                              "+partial sums 32 message", "+x 16 saved", "-partial sums",
                                              "+embedding dropout mask 8 saved"});
  CHECK(events_of(job, "embedding backward") == Events{"-embedding dropout mask", "+positions 32 gradients",
                                                       "+gathered residual gradient 32 message",
                                                       "-gradient of the residual stream", "+embedding 24 gradients",
                                                       "-gathered residual gradient", "-token ids"});
}

TEST_CASE("Megatron-SP: a dense head gathers the final norm's output once, chunked and fused ones chunk by chunk") {
  Job job = megatron();
  CHECK(events_of(job, "head") ==
        Events{"+gathered final norm output 32 message", "-final norm output", "+logits 24 head-and-loss",
               "+row maxima 16 head-and-loss", "+row sums 16 head-and-loss", "+target logits 16 head-and-loss",
               "+loss 4 head-and-loss", "-row maxima", "-row sums", "-target logits", "+W_head 24 gradients",
               "-gathered final norm output", "+partial sums 32 message", "-logits",
               "+gradient of the residual stream 16 saved", "-partial sums", "-target ids"});
  const Events statistics = {"+row maxima 8 head-and-loss", "+row sums 8 head-and-loss",
                             "+target logits 8 head-and-loss"};
  const Events deaths = {"-row maxima", "-row sums", "-target logits"};
  const auto joined = [](const std::vector<Events>& parts) {
    Events all;
    for (const Events& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  };
  const Events gathered = {"+gathered final norm output 16 message", "+logits 12 head-and-loss"};
  const Events backward = {"-gathered final norm output", "+partial sums 16 message", "-logits"};
  const Events written = {"+gradient of the residual stream 16 saved", "-partial sums"};
  job.method.head = Head::fused;
  CHECK(events_of(job, "head") == joined({gathered,
                                          statistics,
                                          {"+loss 4 head-and-loss"},
                                          deaths,
                                          {"+W_head 24 gradients"},
                                          backward,
                                          written,
                                          gathered,
                                          statistics,
                                          deaths,
                                          backward,
                                          {"-partial sums", "-final norm output", "-target ids"}}));
  job.method.head = Head::chunked;
  const Events asked = joined({gathered, {"-gathered final norm output"}, statistics});
  CHECK(events_of(job, "head") == joined({asked,
                                          {"+loss 4 head-and-loss"},
                                          deaths,
                                          {"-logits"},
                                          asked,
                                          deaths,
                                          {"-logits"},
                                          gathered,
                                          statistics,
                                          deaths,
                                          {"+W_head 24 gradients"},
                                          backward,
                                          written,
                                          gathered,
                                          statistics,
                                          deaths,
                                          backward,
                                          {"-partial sums", "-final norm output", "-target ids"}}));
}

TEST_CASE("what tensor ranks send: sums, statistics of the loss, and gradients of the shared key head") {
  const auto sent = [](const Job& job) {
    test::Bench bench;
    const measure::mpi::Exchange exchange;
    measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
    return measure::measure(*bench.backend, bench.resource, job, {}, communicator).sent;
  };
  // An all-reduce among two ranks sends as many elements as it has, in two messages, where they are even.
  const Bytes loss = 3 * Bytes(16), keys = 2 * Bytes(16), sums = 6 * Bytes(32);
  CHECK(sent(plain()) == MeasuredSent{sums + loss + keys, 22});
  // Gathers and reduce-scatters of half of the tokens are one message each; the gradients of three gains are summed.
  const Bytes crossings = 14 * Bytes(16), gains = 3 * Bytes(8);
  CHECK(sent(megatron()) == MeasuredSent{crossings + loss + keys + gains, 30});
  // The norms of queries and of keys have a gain of two elements each.
  const auto with_head_norms = [](Job job) {
    job.model.kinds[0].qk_norm = true;
    return job;
  };
  CHECK(sent(with_head_norms(plain())) == MeasuredSent{sums + loss + keys + 2 * Bytes(4), 26});
  CHECK(sent(with_head_norms(megatron())) == MeasuredSent{crossings + loss + keys + gains + 2 * Bytes(4), 34});
}

TEST_CASE("with one tensor rank Megatron-SP allocates event for event what its attention alone does") {
  const auto timeline = [](const Job& job) {
    test::Bench bench;
    bench.memory.ledger().begin_timeline();
    measure::Trainer trainer(*bench.backend, bench.memory, job);
    (void)trainer.step();
    return test::told(bench.memory.ledger().timeline());
  };
  for (const test::Variant& variant : test::variants(test::llama_job().method)) {
    INFO(variant.name);
    const Job job = test::with(test::llama_job(), variant);
    Job megatron_job = job;
    megatron_job.method.sequence = SequenceDistribution::megatron_sp;
    CHECK(timeline(megatron_job) == timeline(job));
  }
}

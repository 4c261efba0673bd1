// What layers hold that are not a plain attention and feed-forward one behind the other: experts, norms of queries and
// keys, parallel branches. By hand from docs/runtime.md, and beside the same layer without.

#include <cstdint>
#include <optional>
#include <vector>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::Instant;
using Changes = std::vector<std::int64_t>;

LayerKind tiny_kind() {
  LayerKind kind;
  kind.heads = 2;
  kind.kv_heads = 1;
  kind.head_dim = 3;
  kind.ffn_hidden = 5;
  kind.activation = Activation::swiglu;
  return kind;
}

/// 4 tokens, h = 2, everything kept.
Job tiny_job(const LayerKind& kind, FeedForward feed_forward = FeedForward::whole) {
  const Method method = method_of(Attention::flash, feed_forward, Head::dense, Tokens(3));
  Job job = bf16_job(equal_layers(2, 7, 1, kind), method, {RecomputeKind::none, 1});
  job.seq = Tokens(4);
  return job;
}

Changes told_at(const Job& job, Instant instant) {
  Changes changes;
  sim::Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) {
    if (event.moment.instant != instant) return;
    changes.push_back(event.born ? event.bytes.count() : -event.bytes.count());
  });
  return changes;
}

std::int64_t saved_bytes(const Job& job) {
  std::int64_t sum = 0;
  for (const sim::LiveTensor& t : sim::Predictor(job).saved_by_layer(job.seq)) sum += t.total.count();
  return sum;
}

/// What `change` adds to the bytes that the layer keeps.
template <class Change>
std::int64_t kept_more(LayerKind kind, FeedForward feed_forward, Change change) {
  const std::int64_t without = saved_bytes(tiny_job(kind, feed_forward));
  change(kind);
  return saved_bytes(tiny_job(kind, feed_forward)) - without;
}

/// E = 3 experts of which a token takes K = 2, and a shared one, 3 wide, with a gate.
LayerKind with_experts() {
  LayerKind kind = tiny_kind();
  kind.experts = Experts{3, 2, 3, true, false, {}};
  return kind;
}

}  // namespace

// 4 tokens have 8 places. Bytes: x, r, norm output 16, its statistics 16; logits 48; chosen, places, weights 32 each,
// first places 16; placed rows, expert outputs 32; gate, up, activation output 80; of the shared expert 24, its gate's
// values 16.
TEST_CASE("experts bear and free what the policy says, operation by operation") {
  const Job job = tiny_job(with_experts());
  CHECK(told_at(job, Instant::feed_forward_forward) == Changes{16, 16,                   // norm
                                                               48, 32, 32, 32, 16, -48,  // router
                                                               32, 80, 80, -32,          // placed rows, gate, up
                                                               80, 32, 16,               // activation, outputs, next x
                                                               24, 24, 16, 24});         // shared
  // Weights: W_down of all experts 60, as W_gate and W_up; W_r 12; the shared expert's 12 each, its gate's 4; gain 4.
  CHECK(told_at(job, Instant::feed_forward_backward) ==
        Changes{12,  24,                                 // shared W_down, gradient of its activation
                60,  -80, 80,  -32, -80,                 // W_down; activation output; its gradient; expert outputs
                32,  60,  60,  -32, 32,  -80, -80,       // placed rows again, W_gate, W_up; their gradient; operands
                16,  -32,                                // gradient of the norm's output
                48,  -32, -32, -32, -16, 12,  -48,       // gradient of the logits; choice; W_r
                16,  -16, -24, -24, 12,  12,  4,   -16,  // shared: gate, activation, weights; norm output
                -24, -24, -16,                           // operands
                4,   -16, -16, -16});                    // gain; statistics, the norm's gradient, r
}

TEST_CASE("with a capacity experts have C = ceil(cKT/E) places each, whatever tokens choose") {
  LayerKind kind = with_experts();
  const std::int64_t all_choices = saved_bytes(tiny_job(kind));
  for (const auto& [factor, capacity] : {std::pair(Rational(1), 3), {Rational(5, 4), 4}, {Rational(1, 2), 2}}) {
    kind.experts->capacity_factor = factor;
    const std::int64_t bytes_a_place = 3 * 5 * 2 + 2 * 2;  // gate, up, activation output; expert output
    CHECK(saved_bytes(tiny_job(kind)) - all_choices == (3 * capacity - 4 * 2) * bytes_a_place);
  }
}

TEST_CASE("an expert layer of one expert without a shared one keeps a dense layer, its choice and its outputs") {
  const std::int64_t choice = 4 * (4 + 4 + 4) + 2 * 4, outputs = 16;
  CHECK(kept_more(tiny_kind(), FeedForward::whole,
                  [](LayerKind& kind) { kind.experts = Experts{1, 1, {}, false, false, {}}; }) == choice + outputs);
}

TEST_CASE("norms of queries and keys keep the products in front of them and a statistic a head") {
  const std::int64_t queries = 4 * 2 * (3 * 2 + 4), keys = 4 * 1 * (3 * 2 + 4);
  for (const FeedForward feed_forward : {FeedForward::whole, FeedForward::chunked}) {
    CHECK(kept_more(tiny_kind(), feed_forward, [](LayerKind& kind) { kind.qk_norm = true; }) == queries + keys);
  }
  CHECK(kept_more(tiny_kind(), FeedForward::blockwise, [](LayerKind& kind) { kind.qk_norm = true; }) == 0);
}

// d = 6, of which r = 2 are rotated; latents 5 wide for queries and 7 for keys and values; e = 4. 4 tokens, 2 heads.
TEST_CASE("latent attention keeps its latents and heads as wide as keys, and o once more as wide as values") {
  LayerKind kind = tiny_kind();
  kind.kv_heads = kind.heads;
  kind.head_dim = 6;
  const auto of_queries_and_values = [](std::optional<std::int64_t> query_rank, std::int64_t values) {
    return [=](LayerKind& k) { k.latent = LatentAttention{query_rank, 7, 2, values}; };
  };
  const std::int64_t latent = 4 * (2 * 7 * 2 + 4), query_latent = 4 * (2 * 5 * 2 + 4), narrow_o = 4 * 2 * 4 * 2;
  for (const FeedForward feed_forward : {FeedForward::whole, FeedForward::chunked}) {
    CHECK(kept_more(kind, feed_forward, of_queries_and_values({}, 6)) == latent);
    CHECK(kept_more(kind, feed_forward, of_queries_and_values(5, 6)) == latent + query_latent);
    CHECK(kept_more(kind, feed_forward, of_queries_and_values(5, 4)) == latent + query_latent + narrow_o);
  }
  CHECK(kept_more(kind, FeedForward::blockwise, of_queries_and_values(5, 4)) == 0);
}

TEST_CASE("latent attention bears and frees what the policy says, operation by operation") {
  LayerKind kind = tiny_kind();
  kind.kv_heads = kind.heads;
  kind.head_dim = 6;
  kind.latent = LatentAttention{5, 7, 2, 4};
  // Norm; query latent, q; raw latent, rope key; latent, nope keys, k; values, v; flash; narrow o; r.
  CHECK(told_at(tiny_job(kind), Instant::attention_forward) ==
        Changes{16, 16, 40, 40, 16, 96, 56, 16, 56, 16, 64, 96, -64, -16, 64, 96, -64, 96, 32, 64, 16});
  // Weights: W_o 2·4·2 = 16 elements, W_uq 5·12, W_uk 7·8, W_uv 7·8, W_dq 2·5, W_dkv 2·7, W_kr 2·2.
  CHECK(told_at(tiny_job(kind), Instant::attention_backward) ==
        Changes{32,  -64, 64,  96,  -64,                                               // W_o, narrow o, d o
                32,  -96, 192, 96,  96,  -96, -96, -96, -96, -32, -32, 96, -192,       // flash
                120, -40, 40,  -96, 10,  -40, -16,                                     // query latent
                16,  64,  -96, 64,  -96, 112, 112, -56, 56,  -64, -64, 14, -56,  -16,  // latent
                20,  28,  8,   -16, 16,  -40, -56, -16, 4,   -16, -16, -16});          // norm
}

TEST_CASE("parallel branches keep no r, and with one norm no second norm's output and statistics") {
  const std::int64_t r = 16, norm_output = 16, statistics = 16;
  const auto parallel = [](LayerKind& kind) { kind.residual = Residual::parallel; };
  const auto one_norm = [](LayerKind& kind) { kind.residual = Residual::parallel_shared_norm; };
  CHECK(kept_more(tiny_kind(), FeedForward::whole, parallel) == -r);
  CHECK(kept_more(tiny_kind(), FeedForward::whole, one_norm) == -r - norm_output - statistics);
  CHECK(kept_more(tiny_kind(), FeedForward::chunked, parallel) == -r);
  CHECK(kept_more(tiny_kind(), FeedForward::chunked, one_norm) == -r);
}

TEST_CASE("a feed-forward beside attention leaves the gradient of its norm's output to wait for attention's backward") {
  LayerKind kind = tiny_kind();
  kind.residual = Residual::parallel;
  // W_down; activation output, its gradient; W_gate, W_up; the norm's output; its gradient, which stays; gain.
  CHECK(told_at(tiny_job(kind), Instant::feed_forward_backward) ==
        Changes{20, -40, 40, -40, 20, 20, -16, 16, -40, -40, 4, -16});
  // W_o, gradient of o; flash; W_q, W_k, W_v; norm output, its gradient; dq, dk, dv; gain; statistics, gradient; x.
  CHECK(told_at(tiny_job(kind), Instant::attention_backward) ==
        Changes{24,  48, 32, -48, 96,  24, 24,  -48, -24, -24, -48, -32, -32, 48,
                -96, 24, 12, 12,  -16, 16, -48, -24, -24, 4,   -16, -16, -16, -16});
}

}  // namespace headroom::test

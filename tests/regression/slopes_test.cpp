#include "catch.h"

#include "bench.h"

namespace headroom {
namespace {

constexpr std::int64_t kElement = 2;  // bytes of bf16
constexpr Chunk kChunk{ChunkRule::tokens, Tokens(64)};

/// One layer, GPT style, f = 4h, one head of size h, pure bf16, full recompute, chunks of 64 tokens, a head too small
/// to bind.
Job job_of(Attention attention, FeedForward feed_forward, std::int64_t seq) {
  Job job;
  LayerKind kind;
  kind.heads = kind.kv_heads = 1;
  kind.head_dim = 128;
  kind.ffn_hidden = 4 * 128;
  kind.activation = Activation::gelu;
  job.model.name = "slopes";
  job.model.hidden = 128;
  job.model.vocab = 2;
  job.model.norm = Norm::layernorm;
  job.model.kinds = {kind};
  job.model.layer_runs = {{1, {0}}};
  job.device = budget_device(1_GiB);
  job.method = {"slopes", attention, feed_forward, Head::chunked, KeyValues::kept, kChunk, kChunk, kChunk, kChunk};
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.seq = Tokens(seq);
  return job;
}

Bytes peak(Attention attention, FeedForward feed_forward, std::int64_t seq) {
  const MeasuredPeak result = test::measured(job_of(attention, feed_forward, seq)).allocated;
  REQUIRE(result.instant == "layer backward");
  return result.total;
}

/// Elements of s·h that doubling the sequence costs, without the layer inputs that full recompute keeps.
double slope(Attention attention, FeedForward feed_forward) {
  constexpr std::int64_t kSeq = 1024;
  const Bytes once = peak(attention, feed_forward, kSeq), twice = peak(attention, feed_forward, 2 * kSeq);
  constexpr double kSavedInputs = 1;
  return static_cast<double>((twice - once).count()) / static_cast<double>(kElement * kSeq * 128) - kSavedInputs;
}

}  // namespace

TEST_CASE("measured: a longer sequence costs a bpt layer at most 7.2 elements of b*s*h, flash 16.2, mst 12.5") {
  CHECK(slope(Attention::flash, FeedForward::blockwise) <= 7.2);
  CHECK(slope(Attention::flash, FeedForward::whole) <= 16.2);
  CHECK(slope(Attention::flash, FeedForward::chunked) <= 12.5);
}

TEST_CASE("measured: vanilla attention holds two score tensors and nothing else that grows with the square") {
  constexpr std::int64_t kSeq = 1536;  // scores outweigh the feed-forward
  const auto bytes = [](std::int64_t seq) { return peak(Attention::vanilla, FeedForward::whole, seq).count(); };
  const std::int64_t second_difference = bytes(3 * kSeq) - 2 * bytes(2 * kSeq) + bytes(kSeq);
  CHECK(second_difference == 2 * (2 * kElement * kSeq * kSeq));
}

}  // namespace headroom

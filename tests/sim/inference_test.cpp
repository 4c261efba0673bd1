// Inference: what the cache holds, what passes bear and free by hand from docs/runtime.md section 13, and how far a
// device reaches.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/kv_cache.h>
#include <headroom/sim/max_batch.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::Instant;
using sim::Predictor;
using Changes = std::vector<std::int64_t>;

Job preset_job(std::string_view model) {
  Job job;
  job.mode = Mode::inference;
  job.model = model_preset(model);
  job.device = device_preset("a100-80gb");
  job.method = method_preset("flash").method;
  job.precision = Precision::bf16;
  return job;
}

LayerKind tiny_kind() {
  LayerKind kind;
  kind.heads = 2;
  kind.kv_heads = 1;
  kind.head_dim = 3;
  kind.ffn_hidden = 5;
  kind.activation = Activation::swiglu;
  return kind;
}

/// h = 2, one layer, prompts of 4 tokens in chunks of 3.
Job tiny_job(const LayerKind& kind, FeedForward feed_forward = FeedForward::whole,
             Attention attention = Attention::flash) {
  Job job = bf16_job(equal_layers(2, 7, 1, kind), method_of(attention, feed_forward, Head::dense, Tokens(2)),
                     {RecomputeKind::full, 1});
  job.mode = Mode::inference;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(3)};
  job.seq = Tokens(4);
  return job;
}

Changes told_at(const Job& job, Instant instant) {
  Changes changes;
  Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) {
    if (event.moment.instant != instant) return;
    changes.push_back(event.born ? event.bytes.count() : -event.bytes.count());
  });
  return changes;
}

Changes operator+(Changes first, const Changes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

BytesByCategory at_peak(const Job& job) { return Predictor(job).breakdown(job.seq).categories; }

}  // namespace

TEST_CASE("LLaMA-7B keeps 512 KiB a token in bf16, and 128 GiB of 256K tokens") {
  Job job = preset_job("llama-1-7b");
  CHECK(sim::cache_per_token(job).all_layers == Bytes(512 * 1024));
  job.seq = Tokens(256 * 1024);
  CHECK(at_peak(job)[Category::kv_cache] == Bytes(std::int64_t{128} << 30));
}

TEST_CASE("a token leaves 2 L k d elements, those of a rank's heads on tensor ranks, in the cache's type") {
  for (const std::string_view name : {"llama-2-70b", "gpt2", "falcon-40b", "mixtral-8x7b", "qwen3-8b"}) {
    Job job = preset_job(name);
    const LayerKind& kind = job.model.kinds.front();
    const std::int64_t elements = 2 * layer_count(job.model) * kind.kv_heads * kind.head_dim;
    CHECK(sim::cache_per_token(job).all_layers == Bytes(2 * elements));
    job.inference.cache = CacheType::fp8;
    CHECK(sim::cache_per_token(job).all_layers == Bytes(elements));
    job.precision = Precision::fp32;
    job.inference.cache = CacheType::compute;
    CHECK(sim::cache_per_token(job).all_layers == Bytes(4 * elements));
    if (kind.kv_heads % 4 == 0) {
      job.degrees.tensor = 4;
      CHECK(sim::cache_per_token(job).all_layers == Bytes(elements));
    }
  }
}

TEST_CASE("latent attention keeps d_c + r elements a token and layer, all of them on every tensor rank") {
  for (const auto& [name, layers] : {std::pair("deepseek-v2", 60), {"deepseek-v3", 61}}) {
    Job job = preset_job(name);
    for (const std::int64_t ranks : {1, 8}) {
      job.degrees.tensor = ranks;
      CHECK(sim::cache_per_token(job).all_layers == Bytes(std::int64_t{layers} * (512 + 64) * 2));
    }
  }
}

TEST_CASE("layers with a window keep no more tokens than it spans") {
  Job job = preset_job("gemma-2-9b");  // every other one of 42 layers: 4096 tokens; 8 key heads of 256
  const sim::CachePerToken each = sim::cache_per_token(job);
  CHECK(each.all_layers == Bytes(2 * 42 * 8 * 256 * 2));
  CHECK(each.without_windows == Bytes(2 * 21 * 8 * 256 * 2));
  for (const std::int64_t tokens : {1000, 4096, 4097, 100000}) {
    job.seq = Tokens(tokens);
    const std::int64_t expected =
        tokens * each.without_windows.count() + std::min<std::int64_t>(tokens, 4096) * each.without_windows.count();
    CHECK(at_peak(job)[Category::kv_cache] == Bytes(expected));
  }
}

TEST_CASE("the cache is of all sequences, and what prompts need of those that are read together") {
  Job job = preset_job("llama-1-7b");
  job.seq = Tokens(2048);
  const BytesByCategory one = at_peak(job);
  job.batch = 6;
  const BytesByCategory six = at_peak(job);
  CHECK(six[Category::kv_cache] == 6 * one[Category::kv_cache]);
  CHECK(six[Category::feed_forward] == one[Category::feed_forward]);
  job.inference.prefill_batch = 3;
  CHECK(at_peak(job)[Category::feed_forward] == 3 * one[Category::feed_forward]);
  job.inference.prefill_batch = 100;
  CHECK(at_peak(job)[Category::feed_forward] == 6 * one[Category::feed_forward]);
}

TEST_CASE("inference holds parameters and the cache, whatever training would hold") {
  Job job = preset_job("gpt2");
  job.seq = Tokens(1024);
  const BytesByCategory plain = at_peak(job);
  CHECK(plain[Category::parameters] == Bytes(2 * parameter_count(job.model)));
  CHECK(plain[Category::gradients] + plain[Category::optimizer_state] == Bytes());
  job.precision = Precision::bf16_mixed;
  job.optimizer = {.states = StateDType::int8, .in_backward = true};
  job.recompute = {RecomputeKind::none, 1};
  job.accumulate = job.dropout = true;
  CHECK(at_peak(job) == plain);
}

// Bytes of 3 tokens: ids, x, r, norm output 12; q, o 36; k, v 18; gate, up 30. Of one: a third. Logits 14.
TEST_CASE("passes bear and free what the policy says, operation by operation") {
  const Job job = tiny_job(tiny_kind());
  CHECK(told_at(job, Instant::prefill_embedding) == Changes{12, 12, -12} + Changes{4, 4, -4});
  CHECK(told_at(job, Instant::prefill_attention) == Changes{12, 36, 18, 18, -12, -18, -18, 36, -36, 12, -36, -12} +
                                                        Changes{4, 12, 6, 6, -4, -6, -6, 12, -12, 4, -12, -4});
  CHECK(told_at(job, Instant::prefill_feed_forward) ==
        Changes{12, 30, 30, -12, -30, 12, -30, -12, -12} + Changes{4, 10, 10, -4, -10, 4, -10, -4});
  CHECK(told_at(job, Instant::prefill_head) == Changes{4, -4, 14, -4, -14});
  CHECK(told_at(job, Instant::decode_embedding) == Changes{4, 4, -4});
  CHECK(told_at(job, Instant::decode_attention) == Changes{4, 12, 6, 6, -4, -6, -6, 12, -12, 4, -12, -4});
  CHECK(told_at(job, Instant::decode_feed_forward) == Changes{4, 10, 10, -4, -10, 4, -10, -4});
  CHECK(told_at(job, Instant::decode_head) == Changes{4, -4, 14, -4, -14});
}

TEST_CASE("a prompt that is read at once has the rows of its last token cut out for the head") {
  Job job = tiny_job(tiny_kind());
  job.inference.prefill_chunk = {ChunkRule::whole, Tokens(0)};
  CHECK(told_at(job, Instant::prefill_head) == Changes{4, -16, 4, -4, 14, -4, -14});
  job.method.head = Head::dense_fp32;
  CHECK(told_at(job, Instant::prefill_head) == Changes{4, -16, 4, -4, 28, -4, -28});
}

// Prompts of 8 tokens in chunks of 3, a window of 2: k and v are 18 bytes, copies of the window with them 2 + 3 tokens.
// The third chunk has 2 tokens.
TEST_CASE("a ring is copied in order beside the keys of a pass with a past, and read as it stands by one token") {
  LayerKind kind = tiny_kind();
  kind.window = 2;
  Job job = tiny_job(kind);
  job.seq = Tokens(8);
  CHECK(told_at(job, Instant::prefill_attention) ==
        Changes{12, 36, 18, 18, -12, 36, -36, -18, -18, 12, -36, -12} +
            Changes{12, 36, 18, 18, -12, 30, -18, 30, -18, 36, -36, -30, -30, 12, -36, -12} +
            Changes{8, 24, 12, 12, -8, 24, -12, 24, -12, 24, -24, -24, -24, 8, -24, -8});
  CHECK(told_at(job, Instant::decode_attention) == Changes{4, 12, 6, 6, -4, -6, -6, 12, -12, 4, -12, -4});
}

// Scores of 2 heads: 3 queries by 3 keys, one by four; of the ring of two one by two.
TEST_CASE("vanilla attention has scores of the pass's queries by all keys so far") {
  CHECK(told_at(tiny_job(tiny_kind(), FeedForward::whole, Attention::vanilla), Instant::prefill_attention) ==
        Changes{12, 36, 18, 18, -12, -18, -18, 36, -36, 36, -36, 12, -36, -12} +
            Changes{4, 12, 6, 6, -4, -6, -6, 16, -12, 12, -16, 4, -12, -4});
}

// Key blocks and query blocks of 2 tokens: norm output 8, k and v of the pass born in the first; then block by block
// norm output, q and o 24, r 8.
TEST_CASE("a blockwise pass puts its keys into the cache in front of the first query block") {
  CHECK(told_at(tiny_job(tiny_kind(), FeedForward::blockwise), Instant::prefill_attention) ==
        Changes{8, 18, 18, -8, 4, -4, -18, -18} +                                        // key blocks, cache
            Changes{8, 24, -8, 24, -24, 8, -24} + Changes{4, 12, -4, 12, -12, 4, -12} +  // query blocks
            Changes{4, 6, 6, -4, -6, -6} + Changes{4, 12, -4, 12, -12, 4, -12});         // the last token
}

// d = 6 of which r = 2 are rotated, latents 5 wide for queries and 7 for keys, e = 4: absorbed heads are 7 + 2 wide. Of
// 3 tokens: query latent 30, q 72, raw latent 42, rope key 12, absorbed q and o 108, o 48.
TEST_CASE("latent attention takes queries into the space of what the cache keeps") {
  LayerKind kind = tiny_kind();
  kind.kv_heads = kind.heads;
  kind.head_dim = 6;
  kind.latent = LatentAttention{5, 7, 2, 4};
  const Changes projections{12, 30, 30, -30, 72, -30, 42, 12, -12, 42, -42, -42, -12};
  const Changes core{108, -72, 108, -108, 48, -108, 12, -48, -12};
  Changes first = told_at(tiny_job(kind), Instant::prefill_attention);
  first.resize(projections.size() + core.size());
  CHECK(first == projections + core);
}

TEST_CASE("the longest context and the largest batch of inference are what a scan finds") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Job job = random_inference_job(seed);
    Random random(seed);
    job.device = budget_device(Predictor(job).peak(Tokens(random.between(1, 60))).allocated);
    const Predictor predictor(job);
    std::int64_t longest = 0, most = 0;
    for (std::int64_t s = 1; s <= 200; ++s) {
      if (predictor.peak(Tokens(s)).allocated <= job.device.capacity.bytes) longest = s;
    }
    const sim::Grid grid{sim::Grid::Kind::multiples, Tokens(1)};
    const Tokens answer = sim::longest_context(predictor, grid);
    if (longest < 200 && answer != Tokens(longest)) FAIL(answer.count() << ", not " << longest << described(seed, job));
    job.seq = Tokens(20);
    for (std::int64_t b = 1; b <= 60; ++b) {
      Job more = job;
      more.batch = b;
      if (Predictor(more).peak(job.seq).allocated <= job.device.capacity.bytes) most = b;
    }
    if (most < 60 && sim::largest_batch(job) != most)
      FAIL(sim::largest_batch(job) << ", not " << most << described(seed, job));
  }
}

TEST_CASE("tensor ranks sum two tensors a layer and the embedding in every pass") {
  Job job = tiny_job(tiny_kind());
  job.model.kinds.front().ffn_hidden = 6;
  job.degrees.tensor = 2;
  job.batch = 3;
  job.inference.prefill_batch = 2;
  // Passes: groups of 2 and 1 sequences in chunks of 3 and 1 tokens, decode of 3: 15 tokens in 5 passes.
  const sim::Communication sent = sim::communication(job, job.seq);
  const sim::Sent layer = sent.layers.front().each.total().total(), embedding = sent.embedding.total().total();
  CHECK(layer.messages == 2 * embedding.messages);
  CHECK(embedding.messages == 5 * 2);                    // a half scattered, a half gathered
  CHECK(embedding.bytes == Bytes((3 * 4 + 3) * 2 * 2));  // of h = 2 elements of 2 bytes a token: both halves
  CHECK(sent.step().total() == layer + embedding);
}

TEST_CASE("what inference cannot do is refused in a sentence that says what to do") {
  const auto refused = [](auto change) {
    Job job = preset_job("llama-3-8b");
    change(job);
    try {
      const Predictor predictor(job);
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  CHECK(refused([](Job&) {}).empty());
  CHECK_THAT(refused([](Job& j) { j.method = method_preset("ring").method; }),
             contains("with sequence ring; use tensor"));
  CHECK_THAT(refused([](Job& j) { j.degrees.pipeline = 2; }), contains("in a pipeline; use tensor ranks"));
  CHECK_THAT(refused([](Job& j) { j.method.offload_optimizer = true; }), contains("offloaded; keep it"));
  CHECK_THAT(refused([](Job& j) {
               j.method.sharding = StateSharding::zero3;
               j.degrees.data = 2;
             }),
             contains("sharded parameters; use sharding none"));
  CHECK_THAT(refused([](Job& j) {
               j.method = method_preset("bpt").method;
               j.method.key_values = KeyValues::recomputed;
             }),
             contains("recomputed keys and values; the cache keeps them"));
  CHECK_THAT(refused([](Job& j) { j.inference.prefill_batch = 0; }), contains("the prefill batch is 0; it must be"));
  CHECK_THAT(refused([](Job& j) {
               j.inference.prefill_chunk = {ChunkRule::tokens, Tokens(0)};
             }),
             contains("the prefill chunk is 0 tokens; it must be at least 1"));
  CHECK_THAT(refused([](Job& j) {
               j.inference.prefill_chunk = {ChunkRule::hidden, Tokens(0)};
             }),
             contains("the prefill chunk cannot follow the rule 'hidden'"));
}

}  // namespace headroom::test

// One training step of a tiny model, written out by hand from docs/runtime.md: what each operation adds to the live
// bytes and what dies behind it. The sequence of changes, the peak and its instant must be these.
//
// s = 4 tokens, h = 2, a = 2 query heads, k = 1 key-value head, d = 3, f = 5, v = 7, one layer, batch 1, bf16, SGD.
// Bytes: token or target ids 16; x, r, norm outputs 16; norm statistics 16; q, o 48; k, v 24; up 40; scores 64;
// logsumexp 32; logits 56. Of 3 tokens: 12, 12, 36, 18, 30, -, 24, 42; of 1 token: 4, 4, 12, 6, 10, -, 8, 14.
// Weights and their gradients: W_q 24, W_k 12, W_v 12, W_o 24, W_up 20, W_down 20, norm gain 4, W_head 28, embedding
// 28; 180 in all. Chunks are 3 tokens long, so that each loop has a whole one and a rest.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::Instant;
using Changes = std::vector<std::int64_t>;

constexpr std::int64_t kModel = 180;
/// When a layer's attention backward starts under full recompute: the model; the loss, the gradients of W_head and of
/// the final norm's gain; those of the feed-forward; token ids, x and the residual gradient.
constexpr std::int64_t kBeforeAttentionBackward = kModel + (4 + 28 + 4) + (20 + 20 + 4) + (16 + 16 + 16);

Changes join(const std::vector<Changes>& parts) {
  Changes all;
  for (const Changes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// What the timeline adds and takes away between the birth of the model's state and the optimizer step.
Changes told(const Job& job) {
  Changes changes;
  sim::Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) {
    if (event.moment.instant == Instant::model_state || event.moment.instant == Instant::optimizer_step) return;
    changes.push_back(event.born ? event.bytes.count() : -event.bytes.count());
  });
  return changes;
}

std::int64_t largest_sum(std::int64_t start, const Changes& changes) {
  std::int64_t live = start;
  std::int64_t largest = start;
  for (const std::int64_t change : changes) largest = std::max(largest, live += change);
  return largest;
}

void check(const Job& job, std::int64_t model, const Changes& by_hand, std::int64_t peak, Instant instant) {
  CHECK(told(job) == by_hand);
  CHECK(largest_sum(model, by_hand) == peak);
  CHECK(sim::Predictor(job).peak(job.seq) == sim::Peak{Bytes(peak), {instant, 0}});
}

LayerKind tiny_kind() {
  LayerKind kind;
  kind.heads = 2;
  kind.kv_heads = 1;
  kind.head_dim = 3;
  kind.ffn_hidden = 5;
  kind.activation = Activation::gelu;
  return kind;
}

Job tiny_job(Attention attention, FeedForward feed_forward, Head head) {
  const Method method = method_of(attention, feed_forward, head, Tokens(3));
  Job job = bf16_job(equal_layers(2, 7, 1, tiny_kind()), method, {RecomputeKind::full, 1});
  job.seq = Tokens(4);
  return job;
}

// --- parts that methods share ----------------------------------------------------------------------------------------

const Changes kEmbedding{16, 16, 16};            // token ids, target ids, x
const Changes kFinalNorm{16, 16};                // output, statistics
const Changes kHeadDone{-16};                    // target ids
const Changes kFinalNormBackward{4, -16, -16};   // gain's gradient; statistics, the last layer's output
const Changes kEmbeddingBackward{28, -16, -16};  // the embedding's gradient; residual gradient, token ids

const Changes kChunkedHead{42, 4,  -42, 14,  -14,       // forward: logits of 3 tokens, the loss; logits of 1
                           42, 28, 16,  -42, 14,  -14,  // backward: logits, W_head's and residual gradient
                           -16};                        // final norm output

const Changes kProjections{16, 48, 24, 24, -16};     // norm output, q, k, v; nobody reads the norm output again
const Changes kKeptProjections{16, 16, 48, 24, 24};  // norm output and statistics, q, k, v
const Changes kAttentionBranch{16, -48};             // r; o
const Changes kKeptAttentionBranch{16};              // r
const Changes kOutputBackward{24, 48};               // W_o's gradient, the gradient of o
const Changes kProjectionsBackward{24, 12,  12,  -16,
                                   16, -48, -24, -24,   // W_q, W_k, W_v; norm output; its gradient; dq, dk, dv
                                   4,  -16, -16, -16};  // gain; statistics, the norm's gradient, x

const Changes kWhole{16, 40, -16, 16, -40, -16};  // norm output, up; norm output; next x; up (activated); r
const Changes kWholeRecompute{16, 16, 40, 40};    // norm output and statistics, up, activated
const Changes kWholeBackward{20, -40, 40, -40, 20, -16, 16, -40, 4, -16, -16,  // see section 6
                             -16};                                             // r

const Changes kFlash{48, -48, -24, -24};                    // o; q, k, v
const Changes kFlashRecompute{48, 32};                      // o, logsumexp
const Changes kFlashBackward{32,  -48, 96,  24,  24,        // D; o; dq accumulator, dk, dv
                             -48, -24, -24, -48, -32, -32,  // q, k, v, gradient of o, logsumexp, D
                             48,  -96};                     // dq; its accumulator

Changes sequential_step(const Changes& core, const Changes& kept_core, const Changes& core_backward,
                        const Changes& head) {
  return join({kEmbedding, kProjections, core, kAttentionBranch, kWhole, kFinalNorm, head, kHeadDone,
               kFinalNormBackward, kKeptProjections, kept_core, kKeptAttentionBranch, kWholeRecompute, kWholeBackward,
               kOutputBackward, core_backward, kProjectionsBackward, kEmbeddingBackward});
}

// --- blocks of blockwise and chunked layers --------------------------------------------------------------------------

const Changes kChunkOf3{12, 30, -12, 16, -30};    // norm output, up; norm output; next x of 4 tokens; up
const Changes kChunkOf1{4, 10, -4, -10};          // the same, next x being alive
const Changes kChunkOf3Backward{12, 12,  30, 30,  // again: norm output and statistics, up, activated
                                20, -30, 30, -30, 20, -12, 12, -30, 4, -12, -12};
const Changes kChunkOf1Backward{4, 4, 10, 10, -10, 10, -10, -4, 4, -10, -4, -4};  // weight gradients are alive

const Changes kSumsToKeyBlocks{
    12, 12, 18, 18, 12, 12, -12, 12, -18, -18, -12, -12,        // norm, statistics, dk, dv, W_k, W_v
    4,  4,  6,  6,  -4, 4,  -6,  -6, -4,  -4,  -48, -48, -16};  // sums of dk and dv, x

}  // namespace

TEST_CASE("vanilla attention in a tiny step takes what is written out by hand") {
  // At the peak, beside q, k, v, the scores, the norm and the gradient of o: dv and the score gradient.
  const Changes core{64, -48, -24, 48, -64, -24};  // scores; q, k; o; scores, v
  const Changes kept{64, 48};                      // scores, o
  const Changes step = join({kEmbedding,
                             kProjections,
                             core,
                             kAttentionBranch,
                             kWhole,
                             kFinalNorm,
                             kChunkedHead,
                             kHeadDone,
                             kFinalNormBackward,
                             kKeptProjections,
                             kept,
                             kKeptAttentionBranch,
                             kWholeRecompute,
                             kWholeBackward,
                             {24, -48, 48},            // W_o's gradient; o; gradient of o
                             {24, 64, -48, -24, -64,   // dv, score gradient; gradient of o, v, scores
                              48, -24, 24, -64, -48},  // dq; k; dk; score gradient, q
                             kProjectionsBackward,
                             kEmbeddingBackward});
  check(tiny_job(Attention::vanilla, FeedForward::whole, Head::chunked), kModel, step,
        kBeforeAttentionBackward + 240 + 24 + 24 + 64, Instant::attention_backward);
}

TEST_CASE("flash attention in a tiny step takes what is written out by hand") {
  // At the peak: norm, q, k, v, logsumexp, W_o's gradient, the gradient of o, D, the dq accumulator, dk, dv; o is gone.
  const Changes step = sequential_step(kFlash, kFlashRecompute, kFlashBackward, kChunkedHead);
  check(tiny_job(Attention::flash, FeedForward::whole, Head::chunked), kModel, step,
        kBeforeAttentionBackward + 208 + 24 + 48 + 32 - 48 + 96 + 24 + 24, Instant::attention_backward);
}

TEST_CASE("memory-efficient attention in a tiny step takes what is written out by hand") {
  // At the peak: norm, q, k, v, o, its gradient, of the block logsumexp, D, dq accumulator, two tiles; the sums.
  // Query blocks of 3 and 1 rows: row maximum 24 and 8, row sum the same, o accumulator 72 and 24, score tiles in front
  // of 3 keys 72 and 24, of 1 key 24 and 8.
  const Changes blocks{24, 24, 72, 72, -72, 24, -24, 48,  -72, -24, -24,  // maximum, sum, accumulator, tiles, o
                       8,  8,  24, 24, -24, 8,  -8,  -24, -8,  -8};
  const Changes dies{-48, -24, -24};  // q, k, v
  const Changes backward{// Last line, from -48: q, k, v, o and its gradient die, then dk and dv take their sums.
                         24,  24,  72,  -72, 24,  -24, -24,       // the logsumexp again
                         24,  72,  48,  48,                       // D, dq accumulator, sums of dk and dv
                         72,  72,  -72, -72, 24,  24,  -24, -24,  // tiles and their gradients
                         -24, -24, 48,  -72,                      // logsumexp, D; dq; its accumulator
                         8,   8,   24,  -24, 8,   -8,  -8,  8,   24,  24,  24, -24, -24, 8,  8,
                         -8,  -8,  -8,  -8,  -24, -48, -24, -24, -48, -48, 24, -48, 24,  -48};
  const Changes step = sequential_step(join({blocks, dies}), blocks, backward, kChunkedHead);
  check(tiny_job(Attention::memory_efficient, FeedForward::whole, Head::chunked), kModel, step,
        kBeforeAttentionBackward + 176 + 24 + 48 + 24 + 24 + 72 + 96 + 144, Instant::attention_backward);
}

TEST_CASE("the mini-sequence transformer in a tiny step takes what is written out by hand") {
  const Changes step = join({kEmbedding,
                             kProjections,
                             kFlash,
                             kAttentionBranch,
                             kChunkOf3,
                             kChunkOf1,
                             {-16},  // r
                             kFinalNorm,
                             kChunkedHead,
                             kHeadDone,
                             kFinalNormBackward,
                             kKeptProjections,
                             kFlashRecompute,
                             kKeptAttentionBranch,
                             kChunkOf3Backward,
                             kChunkOf1Backward,
                             {-16},  // r
                             kOutputBackward,
                             kFlashBackward,
                             kProjectionsBackward,
                             kEmbeddingBackward});
  check(tiny_job(Attention::flash, FeedForward::chunked, Head::chunked), kModel, step,
        kBeforeAttentionBackward + 208 + 24 + 48 + 32 - 48 + 96 + 24 + 24, Instant::attention_backward);
}

TEST_CASE("the blockwise parallel transformer in a tiny step takes what is written out by hand") {
  // At the peak: K and V; of the block norm, q, logsumexp, gradient of o, D, dq accumulator; the sums of dk and dv.
  const Changes keys{12, 24, 24, -12, 4, -4};                     // norm output of 3, K, V; norm output of 1
  const Changes forward = join({{12, 36, -12, 36, -36, 12, -36},  // norm output, q, o, r of 3 rows
                                kChunkOf3,
                                {-12},  // r
                                {4, 12, -4, 12, -12, 4, -12},
                                kChunkOf1,
                                {-4}});
  const Changes block_of_3 = join({{12, 12, 36, 36, 24, 12},  // norm, statistics, q, o, logsumexp, r
                                   kChunkOf3Backward,
                                   {-12},                              // r
                                   {24, 36, 24, -36, 72, 48, 48},      // W_o, gradient of o, D; o; dq accumulator, sums
                                   {-24, -24, -36, -36, 36, -72},      // logsumexp, D, q, gradient of o; dq
                                   {24, -12, 12, -36, 4, -12, -12}});  // W_q; norm output; its gradient; dq; gain
  const Changes block_of_1 = join({{4, 4, 12, 12, 8, 4},
                                   kChunkOf1Backward,
                                   {-4},
                                   {12, 8, -12, 24},
                                   {-8, -8, -12, -12, 12, -24},
                                   {-4, 4, -12, -4, -4}});
  const Changes step = join({kEmbedding,
                             keys,
                             forward,
                             {-24, -24},
                             kFinalNorm,
                             kChunkedHead,
                             kHeadDone,
                             kFinalNormBackward,
                             keys,
                             block_of_3,
                             block_of_1,
                             {-24, -24},
                             kSumsToKeyBlocks,
                             kEmbeddingBackward});
  check(tiny_job(Attention::flash, FeedForward::blockwise, Head::chunked), kModel, step,
        kBeforeAttentionBackward + 48 + 120 + 24 + 24 + 72 + 96, Instant::attention_backward);
}

TEST_CASE("a blockwise layer that recomputes keys and values with score tiles takes what is written out by hand") {
  // Per key block of 3: norm output 12, k and v 18, a tile of 3 rows 72, of 1 row 24; of 1 key: 4, 6, 24, 8.
  const Changes keys_for_3{12, 18, 18, -12, 72, -72, -18, -18, 4, 6, 6, -4, 24, -24, -6, -6};
  const Changes keys_for_1{12, 18, 18, -12, 24, -24, -18, -18, 4, 6, 6, -4, 8, -8, -6, -6};
  const Changes two_for_3{12, 18, 18, -12, 72, 72, -72, -72, -18, -18, 4, 6, 6, -4, 24, 24, -24, -24, -6, -6};
  const Changes two_for_1{12, 18, 18, -12, 24, 24, -24, -24, -18, -18, 4, 6, 6, -4, 8, 8, -8, -8, -6, -6};
  const Changes forward = join({{12, 36, -12, 24, 24, 72},
                                keys_for_3,
                                {36, -72, -24, -24, -36, 12, -36},
                                kChunkOf3,
                                {-12},
                                {4, 12, -4, 8, 8, 24},
                                keys_for_1,
                                {12, -24, -8, -8, -12, 4, -12},
                                kChunkOf1,
                                {-4}});
  const Changes block_of_3 = join({{12, 12, 36, 24, 24, 72},
                                   keys_for_3,
                                   {36, -72, -24, 12},
                                   kChunkOf3Backward,
                                   {-12},
                                   {24, 36, 24, -36, 72, 48, 48},
                                   two_for_3,
                                   {-24, -24, -36, -36, 36, -72},
                                   {24, -12, 12, -36, 4, -12, -12}});
  const Changes block_of_1 = join({{4, 4, 12, 8, 8, 24},
                                   keys_for_1,
                                   {12, -24, -8, 4},
                                   kChunkOf1Backward,
                                   {-4},
                                   {12, 8, -12, 24},
                                   two_for_1,
                                   {-8, -8, -12, -12, 12, -24},
                                   {-4, 4, -12, -4, -4}});
  const Changes step = join({kEmbedding, forward, kFinalNorm, kChunkedHead, kHeadDone, kFinalNormBackward, block_of_3,
                             block_of_1, kSumsToKeyBlocks, kEmbeddingBackward});
  Job job = tiny_job(Attention::memory_efficient, FeedForward::blockwise, Head::chunked);
  job.method.key_values = KeyValues::recomputed;
  check(job, kModel, step, kBeforeAttentionBackward + 120 + 24 + 24 + 72 + 96 + 36 + 144, Instant::attention_backward);
}

TEST_CASE("the dense and fused heads in a tiny step take what is written out by hand") {
  // With 70 words the head binds: logits 560, of 3 tokens 420, of 1 token 140, in fp32 1120; W_head and embedding 280.
  const Changes dense_fp32{1120, 4, 560, -1120, 280, -16, 16, -560};  // logits, loss; copy; W_head, residual gradient
  const Changes dense{560, 4, 280, -16, 16, -560};
  const Changes fused{420, 4, 280, 16, -420, 140, -140, -16};
  const Changes chunked{420, 4, -420, 140, -140, 420, 280, 16, -420, 140, -140, -16};
  const auto check_head = [](Head head, const Changes& changes, std::int64_t peak, Instant instant) {
    Job job = tiny_job(Attention::flash, FeedForward::whole, head);
    job.model.vocab = 70;
    Changes step = sequential_step(kFlash, kFlashRecompute, kFlashBackward, changes);
    step[step.size() - 3] = 280;  // the embedding's gradient
    check(job, kModel + 280 + 280 - 28 - 28, step, peak, instant);
  };
  // 684 of parameters, 32 ids, 32 for x and the last x, 32 final norm.
  check_head(Head::dense_fp32, dense_fp32, 684 + 96 + 1120 + 4 + 560, Instant::head_backward);
  check_head(Head::dense, dense, 684 + 96 + 560 + 4 + 280, Instant::head_backward);
  check_head(Head::chunked, chunked, 684 + 96 + 420 + 4 + 280 + 16, Instant::head_backward);
  check_head(Head::fused, fused, 684 + 96 + 420 + 4 + 280 + 16, Instant::head_forward);
}

TEST_CASE("selective recompute of vanilla attention with dropout takes what is written out by hand") {
  // Masks: embedding and residual 8, scores 32. The branch gradient is 16.
  const Changes step = join({{16, 16, 16, 8},  // ids, x, embedding mask
                             kKeptProjections,
                             {64, 48, -64, 16, 8},     // scores, o; scores; r, its mask
                             {16, 16, 40, 40, 16, 8},  // feed-forward, next x, its mask
                             kFinalNorm,
                             kChunkedHead,
                             kHeadDone,
                             kFinalNormBackward,
                             {16, -8, 20, -40, 40, -16, -40, 20, -16, 16, -40, 4, -16, -16, -16},
                             {16, -8, 24, -48, 48, -16},  // branch gradient; W_o; o; gradient of o
                             {64, 32, 64},                // scores, mask, dropped scores again
                             {24, -64, 64, -48, -24, -32, -64, 48, -24, 24, -64, -48},
                             kProjectionsBackward,
                             {-8, 28, -16, -16}});  // embedding mask first
  Job job = tiny_job(Attention::vanilla, FeedForward::whole, Head::chunked);
  job.recompute = {RecomputeKind::selective, 1};
  job.dropout = true;
  check(job, kModel, step, kBeforeAttentionBackward + 8 + 176 + 24 + 160 + 24, Instant::attention_backward);
}

TEST_CASE("a step in fp32 with every option of a model takes what is written out by hand") {
  // LayerNorm, learned positions, biases, SwiGLU, post-norms, tied head with bias, dropout, accumulated gradients, no
  // recompute. Bytes: x, r, norm outputs, products 32; statistics 32; q, o 96; k, v 48; gate, up, activated 80;
  // logsumexp 32; masks 8; logits 112. fp32 sums in its own outputs.
  const Changes step{16,  16,  32,   8,                  // ids, x, embedding mask
                     32,  32,  96,   48,  48,  96,  32,  // norm, statistics, q, k, v, o, logsumexp
                     32,  8,   32,   32,                 // product, mask, post-norm statistics, r
                     32,  32,  80,   80,  80,            // norm, statistics, gate, up, activated
                     32,  8,   32,   32,                 // product, mask, post-norm statistics, next x
                     32,  32,  112,  4,                  // final norm, logits, loss
                     -32, 32,  -112, -16, -32, -32,  // norm output; residual gradient; logits; targets; statistics, x
                     32,  -32, -32,  -8,             // branch gradient; product, statistics, mask
                     -80, 80,  -32,  -80,            // activated; its gradient; branch gradient; it again
                     -32, 32,  -80,  -80, -32, -32, -32,  // norm output; its gradient; gate, up; statistics, it; r
                     32,  -32, -32,  -8,  96,  -32,       // branch gradient; product, statistics, mask; gradient of o
                     32,  -96, 96,   48,  48,             // D; o; dq, dk, dv
                     -96, -48, -48,  -96, -32, -32,       // q, k, v, gradient of o, logsumexp, D
                     -32, 32,  -96,  -48, -48, -32, -32,
                     -32,             // norm output; its gradient; dq, dk, dv; statistics, it, x
                     -8,  -32, -16};  // embedding mask, residual gradient, token ids
  Job job = tiny_job(Attention::flash, FeedForward::whole, Head::dense_fp32);
  job.model.norm = Norm::layernorm;
  job.model.positions = Positions::learned;
  job.model.max_positions = 3;
  job.model.tied_embeddings = job.model.head_bias = true;
  LayerKind& kind = job.model.kinds.front();
  kind.activation = Activation::swiglu;
  kind.qkv_bias = kind.out_bias = kind.ffn_bias = kind.post_norms = true;
  job.precision = Precision::fp32;
  job.recompute = {};
  job.dropout = job.accumulate = true;
  // Parameters: embedding 14, 4 rows of positions 8, norms 5 x 4, W_q 12 + 6, W_k and W_v 2 x (6 + 3), W_o 12 + 2,
  // W_gate and W_up 2 x (10 + 5), W_down 10 + 2, head bias 7; values and gradients in fp32.
  const std::int64_t model = std::int64_t{8} * (14 + 8 + 20 + 18 + 18 + 14 + 30 + 12 + 7);
  check(job, model, step, model + 72 + 384 + 104 + 304 + 104 + 64 + 112 + 4, Instant::head_forward);
}

}  // namespace headroom::test

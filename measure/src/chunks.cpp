#include <headroom/measure/chunks.h>

#include <algorithm>

#include <headroom/models/checked.h>

namespace headroom::measure {
namespace {

constexpr std::int64_t kMstTokens = 4096;
constexpr std::int64_t kMstLeastTokens = 1024;
constexpr std::int64_t kMstHeadShards = 64;

std::int64_t mst_code(const Job& job, std::int64_t s, bool is_head) {
  if (is_head) return s / kMstHeadShards;
  return std::max(kMstTokens / job.batch, kMstLeastTokens);
}

/// Of a run of `s` tokens.
std::int64_t tokens(const Chunk& chunk, const Job& job, std::int64_t s, bool is_head) {
  const std::int64_t h = job.model.hidden;
  switch (chunk.rule) {
    case ChunkRule::tokens: return chunk.tokens.count();
    case ChunkRule::hidden: return h;
    case ChunkRule::vocab_over_hidden: return ceil_div(s, ceil_div(job.model.vocab, h));
    case ChunkRule::mst_code: return mst_code(job, s, is_head);
    case ChunkRule::shards_of_hidden: return ceil_div(s, ceil_div(s, h));
    case ChunkRule::whole: return s;
  }
  return s;
}

std::int64_t clipped(const Chunk& chunk, const Job& job, std::int64_t s, bool is_head = false) {
  return std::clamp<std::int64_t>(tokens(chunk, job, s, is_head), 1, s);
}

/// Attention may see more tokens than the run.
std::int64_t of_attention(const Chunk& chunk, const Job& job, std::int64_t s) {
  return std::clamp<std::int64_t>(tokens(chunk, job, s, false), 1, job.seq.count());
}

}  // namespace

Chunks chunks_of(const Job& job, std::int64_t tokens) {
  const Method& method = job.method;
  const bool shares_attention = token_runs(job) > 1 || method.sequence == SequenceDistribution::fpdt;
  const bool ffn_in_query_blocks = method.feed_forward == FeedForward::blockwise && shares_attention;
  const Chunk& ffn_chunk = ffn_in_query_blocks ? method.query_chunk : method.ffn_chunk;
  return {of_attention(method.query_chunk, job, tokens), of_attention(method.kv_chunk, job, tokens),
          clipped(ffn_chunk, job, tokens), clipped(method.head_chunk, job, tokens, true)};
}

Chunks chunks_of(const Job& job) { return chunks_of(job, job.seq.count() / token_runs(job)); }

std::int64_t prefill_chunk_of(const Job& job) { return clipped(job.inference.prefill_chunk, job, job.seq.count()); }

}  // namespace headroom::measure

#include <headroom/sim/chunks.h>

#include <algorithm>

#include <headroom/models/checked.h>

namespace headroom::sim {
namespace {

constexpr std::int64_t kMstTokens = 4096;  ///< of all sequences' feed-forward chunks
constexpr std::int64_t kMstFewestTokens = 1024;
static_assert(kMstTokens / kBatchOfShortestChunk == kMstFewestTokens);

/// s over n equal shards, the last one shorter.
std::int64_t shard(std::int64_t s, std::int64_t n) { return ceil_div(s, n); }

std::int64_t mst_code(const Job& job, ChunkAxis axis, std::int64_t s) {
  return axis == ChunkAxis::head ? std::max<std::int64_t>(s / 64, 1)
                                 : std::max(kMstTokens / job.batch, kMstFewestTokens);
}

std::int64_t by_rule(const Job& job, const Chunk& chunk, ChunkAxis axis, std::int64_t s) {
  const std::int64_t h = job.model.hidden;
  switch (chunk.rule) {
    case ChunkRule::tokens: return chunk.tokens.count();
    case ChunkRule::hidden: return h;
    case ChunkRule::vocab_over_hidden: return shard(s, ceil_div(job.model.vocab, h));
    case ChunkRule::mst_code: return mst_code(job, axis, s);
    case ChunkRule::shards_of_hidden: return shard(s, ceil_div(s, h));
    case ChunkRule::whole: return s;
  }
  return s;
}

}  // namespace

Tokens chunk_tokens(const Job& job, const Chunk& chunk, ChunkAxis axis, Tokens seq) {
  return Tokens(std::min(by_rule(job, chunk, axis, seq.count()), seq.count()));
}

Tokens shortest_chunk_from(const Job& job, const Chunk& chunk, ChunkAxis axis, Tokens seq) {
  const Tokens here = chunk_tokens(job, chunk, axis, seq);
  if (chunk.rule != ChunkRule::shards_of_hidden) return here;
  // Shards shorten only where one more is cut, least of all so at the next such place: behind n full ones of h tokens.
  const std::int64_t n = ceil_div(seq.count(), job.model.hidden);
  const std::int64_t next = checked_add(checked_mul(n, job.model.hidden), 1);
  return std::min(here, Tokens(shard(next, n + 1)));
}

}  // namespace headroom::sim

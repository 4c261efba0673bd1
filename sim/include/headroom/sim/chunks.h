#pragma once

#include <headroom/models/job.h>

namespace headroom::sim {

/// The axis a chunk belongs to: some rules mean different lengths on different axes.
enum class ChunkAxis : std::uint8_t { query, kv, ffn, head };

/// The batch from which on no rule gives a larger batch shorter chunks.
inline constexpr std::int64_t kBatchOfShortestChunk = 4;

/// Tokens of one chunk at sequence length `seq` (>= 1): between 1 and `seq`.
///   tokens             as given
///   hidden             h tokens (Mini-Sequence Transformer section 3: M = s/h mini-sequences)
///   vocab-over-hidden  s over M = ceil(v/h) mini-sequences (the same, language-model head)
///   mst-code           feed-forward max(4096/b, 1024) tokens, head s/64 (the authors' code)
///   shards-of-hidden   s over ceil(s/h) equal shards (ALST, arXiv 2506.13996)
[[nodiscard]] Tokens chunk_tokens(const Job& job, const Chunk& chunk, ChunkAxis axis, Tokens seq);

/// The shortest chunk that any sequence of `seq` tokens or more gets. It never falls with `seq`, so a prediction with
/// it is a lower bound for all longer sequences, whatever the rule.
[[nodiscard]] Tokens shortest_chunk_from(const Job& job, const Chunk& chunk, ChunkAxis axis, Tokens seq);

}  // namespace headroom::sim

#pragma once

#include <cstdint>

#include <headroom/models/job.h>

namespace headroom::measure {

/// Chunk lengths of a job in tokens of each sequence: attention's between 1 and its length, the others' between 1 and
/// that of a rank's run. Feed-forward in query blocks has their length.
struct Chunks {
  std::int64_t query = 1;
  std::int64_t kv = 1;
  std::int64_t ffn = 1;
  std::int64_t head = 1;
};

/// Of the tokens of each sequence that a rank holds.
[[nodiscard]] Chunks chunks_of(const Job& job);
/// Of a run of `tokens` tokens, or in inference of a pass's.
[[nodiscard]] Chunks chunks_of(const Job& job, std::int64_t tokens);
/// Tokens of each prompt that are read at a time, between 1 and its length.
[[nodiscard]] std::int64_t prefill_chunk_of(const Job& job);

}  // namespace headroom::measure

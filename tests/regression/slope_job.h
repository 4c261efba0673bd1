#pragma once

#include <headroom/models/job.h>

namespace headroom::test {

/// The sizes that differ between a slope predicted and one measured.
struct SlopeSizes {
  std::int64_t heads;  ///< of 128; hidden is heads * 128
  std::int64_t layers;
  std::int64_t chunk;  ///< of queries, keys, feed-forward and head, tokens
};

/// GPT style, f = 4h, as many key-value heads as heads, pure bf16, full recompute, and a head too small to bind. The
/// sequence is left to the caller.
[[nodiscard]] Job slope_job(Attention attention, FeedForward feed_forward, const SlopeSizes& sizes);

}  // namespace headroom::test

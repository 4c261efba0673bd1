#pragma once

#include <utility>

#include "attention_case.h"

namespace headroom::test {

/// What one way to compute attention gives: fp32 gradients where the way accumulates, else those of the case's type.
struct AttentionResult {
  Values out;
  Values dq;
  Values dk;
  Values dv;
};

/// Blocks of queries and keys, and whether scores are tiles of their own.
struct BlockSizes {
  std::int64_t queries;
  std::int64_t keys;
  bool tiles;
};

/// Forward and backward with the scores written out, all queries at once.
[[nodiscard]] AttentionResult vanilla_attention(Device& device, const AttentionCase& c);
/// The same, a query block after the other; dk and dv summed over them.
[[nodiscard]] AttentionResult vanilla_attention(Device& device, const AttentionCase& c, std::int64_t queries);
/// Tiled, a query block after the other; dk and dv summed over them.
[[nodiscard]] AttentionResult flash_attention(Device& device, const AttentionCase& c, std::int64_t queries);
/// Query block by query block, and within it key block by key block; the logsumexp is computed again in backward.
[[nodiscard]] AttentionResult block_attention(Device& device, const AttentionCase& c, const BlockSizes& blocks);

}  // namespace headroom::test

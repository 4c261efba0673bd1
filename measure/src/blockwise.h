#pragma once

#include "attention_blocks.h"
#include "feed_forward.h"
#include "layer.h"

/// The pieces of a blockwise layer (docs/runtime.md section 7).
namespace headroom::measure::blockwise {

template <class Visit>
void for_each_query_block(const LayerSite& site, const Visit& visit) {
  for_each_block(site.run.seq(), site.run.chunks.query, visit);
}

template <class Visit>
void for_each_key_block(const LayerSite& site, const Visit& visit) {
  for_each_block(site.run.seq(), site.run.chunks.kv, visit);
}

/// Whether K and V span the sequence.
[[nodiscard]] bool keeps_key_values(const LayerSite& site);
/// Whether all key blocks of a query block are one kernel with its score tiles in the workspace.
[[nodiscard]] bool is_one_kernel(const LayerSite& site);

[[nodiscard]] Normed norm_of_block(const LayerSite& site, const Tensor& x, const Rows& block, const Pass& pass);
/// K and V of the whole sequence, key block by key block.
void build_key_values(const LayerSite& site, LayerState& state, Category category);
/// The key blocks of what the core reads, or k and v of each block again.
[[nodiscard]] KeyBlocks key_blocks_of(const LayerSite& site, const CoreSite& core, const LayerState& state);

/// What a query block holds besides K and V.
struct BlockState {
  AttentionState attention;
  Tensor r;
  FeedForwardState feed_forward;
};

[[nodiscard]] QueryBlock query_block(const CoreSite& core, const BlockState& block, const Rows& queries);
/// What the block's feed-forward reads.
[[nodiscard]] FeedForwardInput feed_forward_input(const LayerSite& site, const LayerState& state,
                                                  const BlockState& block, const Rows& queries);
/// From x to r. Within backward, where the pass keeps, there is no r if branches are parallel.
void attention_of_block(const LayerSite& site, const CoreSite& core, const LayerState& state, BlockState& block,
                        const Rows& queries, const Pass& pass);

/// fp32 sums of dk and dv over the query blocks, spanning the sequence.
struct KeyValueSums {
  Tensor dk;
  Tensor dv;
};

/// The block's forward again and its backward: updates its residual gradient, adds to the sums.
void backward_of_block(const LayerSite& site, const LayerState& state, const Rows& queries,
                       const Tensor& residual_gradient, KeyValueSums& sums);
/// From the sums through the products of K and V, behind the last query block.
void backward_of_key_block(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyValueSums& sums,
                           const Tensor& residual_gradient);

}  // namespace headroom::measure::blockwise

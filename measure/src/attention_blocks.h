#pragma once

#include <functional>

#include "accumulator.h"
#include "attention_core.h"

namespace headroom::measure {

/// Attention of one query block over key blocks that come one by one: what memory-efficient attention and blockwise
/// layers share (docs/runtime.md sections 5 and 7).

/// A key block: where it stands, its k and its v.
using KeyBlockVisitor = std::function<void(const Rows& keys, const kernels::ConstView& k, const kernels::ConstView& v)>;
/// Calls the visitor for each key block in order.
using KeyBlocks = std::function<void(const KeyBlockVisitor&)>;

/// A query block of one core and whether its score tiles are tensors.
struct QueryBlock {
  CoreSite site;
  Rows queries;
  kernels::ConstView q;
  bool has_tiles = false;

  [[nodiscard]] kernels::AttentionBlock with(const Rows& keys) const;
  [[nodiscard]] Tensor tile(std::string_view name, const Rows& keys) const;
};

/// The running statistics of some queries, and what their o is summed up in.
class RunningBlocks {
 public:
  /// Births row maximum, row sum and the accumulator of o.
  RunningBlocks(const CoreSite& site, std::int64_t queries, const Target& o, Category logsumexp);

  [[nodiscard]] kernels::RunningAttention view() const { return {row_max_.view(), row_sum_.view(), sums_.sum()}; }
  /// o takes the result, the accumulator dies, the row sum dies. Returns the logsumexp.
  [[nodiscard]] Tensor end();

 private:
  const Run& run_;
  Tensor row_max_;
  Tensor row_sum_;
  Accumulator sums_;
};

/// `o` takes the block's result. Returns the logsumexp, [batch, heads, rows], or nothing where it is not kept.
[[nodiscard]] Tensor attend_blocks(const QueryBlock& block, const Target& o, const KeyBlocks& key_blocks,
                                   bool keeps_logsumexp);
/// The logsumexp alone, again.
[[nodiscard]] Tensor logsumexp_of_blocks(const QueryBlock& block, const KeyBlocks& key_blocks);
/// Adds to dq, of the block, and to dk and dv, of the sequence, all fp32. k and v of `saved` are not read.
void blocks_backward(const QueryBlock& block, const kernels::AttentionSaved& saved, const kernels::View& dq,
                     const kernels::View& dk, const kernels::View& dv, const KeyBlocks& key_blocks);

}  // namespace headroom::measure

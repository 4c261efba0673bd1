#pragma once

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Where a query block finds keys and values.
enum class KeyValueSource : std::uint8_t {
  full_length,  ///< K and V of the whole sequence lie in memory
  per_block,    ///< each key block's norm, k and v are computed again for each query block
};

/// Attention of one query block over the key-value blocks of the sequence (Rabe & Staats, arXiv 2112.05682 section 3;
/// BPT, arXiv 2305.19370 section 3). Score tiles of c_q x c_kv are tensors for memory-efficient attention and part of
/// the kernel's workspace for flash.
class QueryBlock {
 public:
  QueryBlock(const LayerContext& ctx, std::int64_t rows, KeyValueSource source)
      : ctx_(ctx),
        rows_(rows),
        source_(source),
        tiles_(ctx.method.attention == Attention::memory_efficient),
        query_(ctx, {rows, "c_q"}, Category::attention) {}

  [[nodiscard]] const QueryTensors& query() const { return query_; }

  /// Running maximum, sum and output over the key blocks; `output` (the block's o, or the layer's) is born where it is
  /// first written and `bears_output`. Leaves the logsumexp when `keeps_lse`.
  template <class S>
  void forward(S& story, const Tensor& output, bool bears_output, bool keeps_lse) const {
    if (!runs_per_key_block()) {
      story.born_if(bears_output, output);
      story.born_if(keeps_lse, query_.lse);
      return;
    }
    const Accumulated o{query_.o_accumulator, output, ctx_.accumulates_apart()};
    story.born(query_.lse);
    story.born(query_.row_sum);
    o.begin(story, bears_output);
    key_blocks(story, 1);
    o.finish(story, bears_output);
    story.dies(query_.row_sum);
    story.dies_if(!keeps_lse, query_.lse);
  }

  /// The logsumexp again, for a method that did not save it.
  template <class S>
  void recompute_lse(S& story) const {
    story.born(query_.lse);
    story.born(query_.row_sum);
    key_blocks(story, 1);
    story.dies(query_.row_sum);
  }

  /// Reads q, o, d_o and the logsumexp of the block; adds to dk, dv of the whole sequence and leaves `dq`.
  /// The logsumexp and D die here; the others are the caller's, who knows what they span: `reads_done` is called behind
  /// the last operation that reads them, `output_read` behind the one that reads o.
  template <class S, class OutputRead, class ReadsDone>
  void backward(S& story, const Tensor& dq_output, bool bears_dq, const KeyValueTensors& sums, bool first, OutputRead output_read,
                ReadsDone reads_done) const {
    const Accumulated dq{query_.dq_accumulator, dq_output, ctx_.accumulates_apart()};
    story.born(query_.delta);
    output_read();
    dq.begin(story, bears_dq);
    if (first) {
      sums.dk.begin(story);
      sums.dv.begin(story);
    }
    key_blocks(story, 2);
    story.dies(query_.lse);
    story.dies(query_.delta);
    reads_done();
    dq.finish(story, bears_dq);
  }

 private:
  [[nodiscard]] bool runs_per_key_block() const { return tiles_ || source_ == KeyValueSource::per_block; }

  /// Each key block with its `tiles` score tiles (backward: probabilities and their gradient).
  template <class S>
  void key_blocks(S& story, int tiles) const {
    if (!runs_per_key_block()) return;
    const bool per_block = source_ == KeyValueSource::per_block;
    story.equal_chunks(ctx_.plan.s, ctx_.plan.chunk.kv, [&](std::int64_t columns) { return KeyBlock(ctx_, rows_, columns); },
                       [&](const KeyBlock& block) {
                         if (per_block) block.born(story);
                         story.born_if(tiles_, block.scores);
                         story.born_if(tiles_ && tiles == 2, block.d_scores);
                         story.dies_if(tiles_ && tiles == 2, block.d_scores);
                         story.dies_if(tiles_, block.scores);
                         story.dies_if(per_block, block.k);
                         story.dies_if(per_block, block.v);
                       });
  }

  /// One key-value block in front of one query block.
  struct KeyBlock {
    KeyBlock(const LayerContext& ctx, std::int64_t rows, std::int64_t columns)
        : KeyBlock(ctx, Extent{columns, "c_kv"}, Shape(ctx.b, columns, ctx.kind.kv_heads, ctx.kind.head_dim),
                   Shape(ctx.b, ctx.kind.heads, rows, columns)) {}

    Tensor norm_out, k, v, scores, d_scores;

    template <class S>
    void born(S& story) const {
      story.born(norm_out);
      story.born(k);
      story.born(v);
      story.dies(norm_out);
    }

   private:
    KeyBlock(const LayerContext& ctx, Extent extent, const Shape& heads, const Shape& tile)
        : norm_out(AttentionNorm::kOut, extent.symbol, ctx.residual(extent), ctx.compute, Category::attention),
          k(KeyValueTensors::kK, extent.symbol, heads, ctx.compute, Category::attention),
          v(KeyValueTensors::kV, extent.symbol, heads, ctx.compute, Category::attention),
          scores(kTile, "c_q·c_kv", tile, DType::fp32, Category::attention),
          d_scores(kTileGradient, "c_q·c_kv", tile, DType::fp32, Category::attention) {}
  };

  static constexpr Role kTile{"score tile", "b·a·#", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kTileGradient{"d score tile", "b·a·#", "runtime policy: memory-efficient attention"};

  const LayerContext& ctx_;
  std::int64_t rows_;
  KeyValueSource source_;
  bool tiles_;
  QueryTensors query_;
};

}  // namespace headroom::sim

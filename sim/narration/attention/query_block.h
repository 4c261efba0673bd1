#pragma once

#include "narration/attention/block_scores.h"
#include "narration/attention/projections.h"
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
      : QueryBlock(ctx, rows, source, QueryTensors(ctx, ctx.block(rows, "c_q"), Category::attention)) {}
  QueryBlock(const LayerContext& ctx, std::int64_t rows, KeyValueSource source, const QueryTensors& query)
      : ctx_(ctx),
        source_(source),
        tiles_(block_scores(ctx.method.attention) == BlockScores::in_tiles),
        query_(query),
        full_(ctx, rows, ctx.plan.chunk.kv),
        rest_(ctx, rows, ctx.keys.tokens % ctx.plan.chunk.kv) {}

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
  void backward(S& story, const Tensor& dq_output, bool bears_dq, const KeyValueTensors& sums, bool first,
                OutputRead output_read, ReadsDone reads_done) const {
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
    const auto tiles_of = [this](std::int64_t columns) -> const Tiles& {
      return columns == full_.columns ? full_ : rest_;
    };
    story.equal_chunks(ctx_.keys.tokens, ctx_.plan.chunk.kv, tiles_of, [&](const Tiles& tile) {
      if (source_ == KeyValueSource::full_length) return score_tiles(story, tile, tiles);
      const Extent extent = ctx_.block(tile.columns, "c_kv");
      const KeyValueTensors block(ctx_, extent, Category::attention);
      const AttentionNorm norm(ctx_, extent, Category::attention);
      story.born(norm.out);
      KeyValueProjection(ctx_, extent, Category::attention).forward(story, block.k, block.v, false, true, [&] {
        story.dies(norm.out);
      });
      score_tiles(story, tile, tiles);
      story.dies(block.k);
      story.dies(block.v);
    });
  }

  /// The query block's scores against one key block, and their gradient.
  struct Tiles {
    Tiles(const LayerContext& ctx, std::int64_t rows, std::int64_t block_columns)
        : Tiles(ctx.block(block_columns, "c_q·c_kv"), Shape(ctx.b, ctx.heads, rows, block_columns)) {}

    std::int64_t columns;
    Tensor scores, d_scores;

   private:
    Tiles(Extent block, const Shape& tile)
        : columns(block.tokens),
          scores(kTile, block.symbol, tile, DType::fp32, Category::attention),
          d_scores(kTileGradient, block.symbol, tile, DType::fp32, Category::attention) {}
  };

  template <class S>
  void score_tiles(S& story, const Tiles& tile, int tiles) const {
    if (!tiles_) return;
    story.born(tile.scores);
    story.born_if(tiles == 2, tile.d_scores);
    story.dies_if(tiles == 2, tile.d_scores);
    story.dies(tile.scores);
  }

  static constexpr Role kTile{"score tile", "b·a·#", "Rabe & Staats, arXiv 2112.05682 section 3"};
  static constexpr Role kTileGradient{"d score tile", "b·a·#", "runtime policy: memory-efficient attention"};

  const LayerContext& ctx_;
  KeyValueSource source_;
  bool tiles_;
  QueryTensors query_;
  Tiles full_;
  Tiles rest_;  ///< the last key block, where the chunk does not divide the sequence
};

}  // namespace headroom::sim

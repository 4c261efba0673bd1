#include "attention_blocks.h"

#include "attention_kernels.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::RunningAttention;
using kernels::View;

void add_blocks(const QueryBlock& block, const RunningAttention& running, const KeyBlocks& key_blocks) {
  const bool has_sums = static_cast<bool>(running.sums);
  key_blocks([&](const Rows& keys, const ConstView& k, const ConstView& v) {
    const Tensor tile = block.tile("score tile", keys);
    blocks_add(block.site, running, tile.view(), block.q, k, has_sums ? v : ConstView(), block.with(keys));
  });
}

}  // namespace

kernels::AttentionBlock QueryBlock::with(const Rows& keys) const { return site.block(queries, keys); }

Tensor QueryBlock::tile(std::string_view name, const Rows& keys) const {
  if (!has_tiles) return {};
  return attention_scores(site, {name, Category::attention}, kernels::Type::fp32, queries.count, keys.count);
}

RunningBlocks::RunningBlocks(const CoreSite& site, std::int64_t queries, const Target& o, Category logsumexp)
    : run_(site.run),
      row_max_(attention_rows(site, "running row maximum", queries, logsumexp)),
      row_sum_(attention_rows(site, "running row sum", queries)),
      sums_(site.run, o, {"accumulator of o", Category::attention}) {
  run_.backend.blocks_begin(view());
}

Tensor RunningBlocks::end() {
  const RunningAttention running = view();
  run_.backend.blocks_end(sums_.result(), running);
  sums_.dies();
  row_sum_.dies();
  return std::move(row_max_);
}

Tensor attend_blocks(const QueryBlock& block, const Target& o, const KeyBlocks& key_blocks, bool keeps_logsumexp) {
  RunningBlocks running(block.site, block.queries.count, o, Category::attention);
  add_blocks(block, running.view(), key_blocks);
  Tensor logsumexp = running.end();
  if (!keeps_logsumexp) logsumexp.dies();
  return logsumexp;
}

Tensor logsumexp_of_blocks(const QueryBlock& block, const KeyBlocks& key_blocks) {
  kernels::Backend& backend = block.site.run.backend;
  Tensor row_max = attention_rows(block.site, "logsumexp", block.queries.count);
  const Tensor row_sum = attention_rows(block.site, "running row sum", block.queries.count);
  const RunningAttention running{row_max.view(), row_sum.view(), {}};
  backend.blocks_begin(running);
  add_blocks(block, running, key_blocks);
  backend.blocks_end({}, running);
  return row_max;
}

void blocks_backward(const QueryBlock& block, const kernels::AttentionSaved& saved, const View& dq, const View& dk,
                     const View& dv, const KeyBlocks& key_blocks) {
  key_blocks([&](const Rows& keys, const ConstView& k, const ConstView& v) {
    const Tensor tile = block.tile("score tile", keys);
    const Tensor d_tile = block.tile("gradient tile", keys);
    kernels::AttentionSaved of_keys = saved;
    of_keys.k = k;
    of_keys.v = v;
    const CoreGradients gradients{dq, kernels::rows_of(dk, keys.first, keys.count),
                                  kernels::rows_of(dv, keys.first, keys.count)};
    blocks_backward(block.site, gradients, {tile.view(), d_tile.view()}, of_keys, block.with(keys));
  });
}

}  // namespace headroom::measure

#include "blockwise.h"
#include "linear.h"

namespace headroom::measure::blockwise {
namespace {

using kernels::ConstView;

/// Writes the key of the norm's output `x`, or its value.
void write_key(const LayerSite& site, const Target& out, const ConstView& x, const Rows& keys) {
  RawHeads raw;
  project_heads(site, key_projection(site), x, keys, out, kDiscard, raw);
}

void write_value(const LayerSite& site, const Target& out, const ConstView& x) {
  forward(site.run, out.open(site.run), x, site.weights.value);
}

/// k and v of one key block again; they die behind the visit.
void visit_recomputed(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyBlockVisitor& visit) {
  Normed normed = norm_of_block(site, x, keys, kDiscard);
  Tensor k, v;
  write_key(site, whole_target(k, {"k", Category::attention}, keys.count, site.kv_width()), normed.output.view(), keys);
  write_value(site, whole_target(v, {"v", Category::attention}, keys.count, site.kv_width()), normed.output.view());
  normed.output.dies();
  visit(keys, k.view(), v.view());
}

}  // namespace

bool keeps_key_values(const LayerSite& site) { return site.run.job.method.key_values == KeyValues::kept; }

bool is_one_kernel(const LayerSite& site) {
  return keeps_key_values(site) && site.run.job.method.attention == Attention::flash;
}

Normed norm_of_block(const LayerSite& site, const Tensor& x, const Rows& block, const Pass& pass) {
  return norm(site.run, kAttentionNorm, x.rows(block), site.weights.attention_norm, pass);
}

void build_key_values(const LayerSite& site, LayerState& state, Category category) {
  const std::int64_t s = site.run.seq();
  for_each_key_block(site, [&](const Rows& keys) {
    const Normed normed = norm_of_block(site, state.x, keys, kDiscard);
    const Target k{state.attention.k, {"K", category}, s, site.kv_width(), keys};
    write_key(site, k, normed.output.view(), keys);
    const Target v{state.attention.v, {"V", category}, s, site.kv_width(), keys};
    write_value(site, v, normed.output.view());
  });
}

KeyBlocks key_blocks_of(const LayerSite& site, const LayerState& state) {
  return [&](const KeyBlockVisitor& visit) {
    for_each_key_block(site, [&](const Rows& keys) {
      if (keeps_key_values(site)) {
        visit(keys, state.attention.k.rows(keys), state.attention.v.rows(keys));
      } else {
        visit_recomputed(site, state.x, keys, visit);
      }
    });
  };
}

}  // namespace headroom::measure::blockwise

#include "absorbed_attention.h"
#include "blockwise.h"
#include "linear.h"

namespace headroom::measure::blockwise {
namespace {

/// Writes the keys and the values of a block of the norm's output, which dies behind the last product that reads it.
void write_key_values(const LayerSite& site, Tensor& norm_output, const Rows& keys, const Target& k, const Target& v) {
  if (site.kind.latent) {
    Latent latent;
    Tensor rope_key = latent_and_rope_key(site, norm_output.view(), keys, kDiscard, latent);
    norm_output.dies();
    if (is_absorbed(site)) return keep_latents(site, std::move(rope_key), keys, latent);
    return keys_and_values(site, std::move(rope_key), k, v, kDiscard, latent);
  }
  RawHeads raw;
  project_heads(site, key_projection(site), norm_output.view(), keys, k, kDiscard, raw);
  forward(site.run, v.open(site.run), norm_output.view(), site.weights.value);
  norm_output.dies();
}

/// k and v of one key block again; they die behind the visit.
void visit_recomputed(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyBlockVisitor& visit) {
  Normed normed = norm_of_block(site, x, keys, kDiscard);
  Tensor k, v;
  write_key_values(site, normed.output, keys, whole_target(k, {"k", Category::attention}, keys.count, site.kv_width()),
                   whole_target(v, {"v", Category::attention}, keys.count, site.kv_width()));
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
    Normed normed = norm_of_block(site, state.x, keys, kDiscard);
    write_key_values(site, normed.output, keys, {state.attention.k, {"K", category}, s, site.kv_width(), keys},
                     {state.attention.v, {"V", category}, s, site.kv_width(), keys});
  });
}

KeyBlocks key_blocks_of(const LayerSite& site, const CoreSite& core, const LayerState& state) {
  return [&](const KeyBlockVisitor& visit) {
    for_each_block(core.keys.count, site.run.chunks.kv, [&](const Rows& keys) {
      if (keeps_key_values(site)) {
        visit(keys, some_rows(state.attention.keys(), keys), some_rows(state.attention.values(), keys));
      } else {
        visit_recomputed(site, state.x, keys, visit);
      }
    });
  };
}

}  // namespace headroom::measure::blockwise

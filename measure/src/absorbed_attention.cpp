#include "absorbed_attention.h"

#include <utility>

#include "key_value_cache.h"
#include "latent_heads.h"

namespace headroom::measure {

bool is_absorbed(const LayerSite& site) { return site.kind.latent && site.run.cache != nullptr; }

void keep_latents(const LayerSite& site, Tensor rope_key, const Rows& rows, Latent& latent) {
  const LatentHeads heads(site.kind);
  normalize_latent(site, kDiscard, latent);
  const kernels::View cached = site.run.cache->rows_of_latents(site, rows);
  site.run.backend.copy_heads(cached, heads.cached_latent(), latent.normed.output.view(), heads.latent());
  latent.normed.output.dies();
  site.run.backend.copy_heads(cached, heads.cached_rope(), rope_key.view(), heads.rope_key());
  rope_key.dies();
}

void absorb_query(const LayerSite& site, AttentionState& state) {
  if (!is_absorbed(site)) return;
  const Run& run = site.run;
  const LatentHeads heads(site.kind);
  const kernels::View q = state.q.view();
  Tensor absorbed = run.activation({"absorbed q", Category::attention}, q.rows, site.kind.heads * heads.absorbed_dim());
  run.backend.head_product_transposed(absorbed.view(), heads.absorbed_latent(), q, heads.nope(),
                                      site.weights.key.weight.value.view());
  run.backend.copy_heads(absorbed.view(), heads.absorbed_rope(), q, heads.rope());
  state.q = std::move(absorbed);
}

void project_absorbed(const LayerSite& site, AttentionState& state) {
  const LatentHeads heads(site.kind);
  const kernels::View absorbed = state.o.view();
  Tensor o = site.run.activation({"o of the heads", Category::attention}, absorbed.rows,
                                 site.kind.heads * heads.narrow().head_dim);
  site.run.backend.head_product(o.view(), heads.narrow(), absorbed, heads.absorbed_latent(),
                                site.weights.value.weight.value.view());
  state.o.dies();
  output_of(site, state) = std::move(o);
}

}  // namespace headroom::measure

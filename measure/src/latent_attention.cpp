#include "latent_attention.h"

#include "latent_heads.h"
#include "linear.h"
#include "narrow_output.h"

namespace headroom::measure {

using kernels::ConstView;
using kernels::View;

namespace {

struct LatentLabels {
  std::string_view raw;
  NormLabels normed;
};

constexpr LatentLabels kQueryLatent{"raw query latent",
                                    {"query latent", "query latent statistics", Category::attention}};
constexpr LatentLabels kKeyValueLatent{"raw latent", {"latent", "latent statistics", Category::attention}};

/// Births the product that the norm reads.
void multiply(const Run& run, const LatentLabels& labels, const NormedLinear& by, const ConstView& x, const Pass& pass,
              Latent& latent) {
  latent.raw = born_product(run, {labels.raw, pass.category(Category::attention)}, x, by.linear);
}

/// Births the latent; what the norm reads dies unless the pass keeps.
void normalize(const Run& run, const LatentLabels& labels, const NormedLinear& by, const Pass& pass, Latent& latent) {
  latent.normed = norm(run, labels.normed, latent.raw.view(), by.norm, pass);
  if (!pass.keeps) latent.raw.dies();
}

/// `target` takes the values, with zeros behind each where they are narrower than keys.
void values_of_latent(const LayerSite& site, const Target& target, const Pass& pass, Latent& latent) {
  const Run& run = site.run;
  const Linear& linear = site.weights.value;
  if (!has_narrow_output(site.kind)) {
    forward(run, target.open(run), latent.normed.output.view(), linear);
    if (!pass.keeps) latent.normed.output.dies();
    return;
  }
  const Tensor values = born_product(site.run, {"values", Category::attention}, latent.normed.output.view(), linear);
  if (!pass.keeps) latent.normed.output.dies();
  widen(site, target.open(run), values.view());
}

}  // namespace

ConstView query_input(const LayerSite& site, const ConstView& x, const Pass& pass, Latent& latent) {
  if (!site.weights.latent || !site.weights.latent->query) return x;
  const NormedLinear& by = *site.weights.latent->query;
  multiply(site.run, kQueryLatent, by, x, pass, latent);
  normalize(site.run, kQueryLatent, by, pass, latent);
  return latent.normed.output.view();
}

Tensor latent_and_rope_key(const LayerSite& site, const ConstView& x, const Rows& rows, const Pass& pass,
                           Latent& latent) {
  multiply(site.run, kKeyValueLatent, site.weights.latent->key_value, x, pass, latent);
  Tensor rope_key = born_product(site.run, {"rope key", Category::attention}, x, site.weights.latent->rope_key);
  if (site.has_rope()) rotate(site.run, rope_key.view(), kernels::whole_heads(1, rope_key.view().width), rows);
  return rope_key;
}

void normalize_latent(const LayerSite& site, const Pass& pass, Latent& latent) {
  normalize(site.run, kKeyValueLatent, site.weights.latent->key_value, pass, latent);
}

void keys_and_values(const LayerSite& site, Tensor rope_key, const Target& k, const Target& v, const Pass& pass,
                     Latent& latent) {
  const Run& run = site.run;
  normalize_latent(site, pass, latent);
  Tensor nope_keys =
      born_product(site.run, {"nope keys", Category::attention}, latent.normed.output.view(), site.weights.key);
  const View keys = k.open(run);
  const LatentHeads heads(site.kind);
  run.backend.copy_heads(keys, heads.nope(), nope_keys.view(), heads.nope_keys());
  run.backend.copy_heads(keys, heads.rope(), rope_key.view(), heads.rope_key());
  nope_keys.dies();
  rope_key.dies();
  values_of_latent(site, v, pass, latent);
}

void latent_again(const LayerSite& site, const ConstView& x, Latent& latent) {
  if (!site.weights.latent) return;
  const NormedLinear& by = site.weights.latent->key_value;
  multiply(site.run, kKeyValueLatent, by, x, kRecompute, latent);
  normalize(site.run, kKeyValueLatent, by, kRecompute, latent);
}

}  // namespace headroom::measure

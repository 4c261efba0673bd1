#include <utility>

#include "latent_attention.h"
#include "latent_heads.h"
#include "linear.h"
#include "narrow_output.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::Write;

Tensor gradient(const LayerSite& site, std::string_view name, std::int64_t rows, std::int64_t width) {
  return site.run.activation({name, Category::attention}, rows, width);
}

/// In place through the norm of a latent, which dies.
void norm_backward(const LayerSite& site, const Tensor& d_latent, Latent& latent, NormWeights& weights) {
  norm_backward(site.run, d_latent.view(), Write::set, d_latent.view(), latent.raw.view(),
                latent.normed.statistics.view(), weights);
  latent.raw.dies();
  latent.normed.statistics.dies();
}

/// The gradients of what the products of the latent give.
struct ProductGradients {
  Tensor nope_keys;
  Tensor own_values;  ///< where they are narrower than keys, or dv itself
  ConstView values;
};

/// Births the gradient of the rope key, a sum over heads, and those of nope keys and values.
ProductGradients split(const LayerSite& site, const KeyValueGradients& of, Tensor& d_rope_key) {
  kernels::Backend& backend = site.run.backend;
  const LatentHeads heads(site.kind);
  ProductGradients split;
  d_rope_key = gradient(site, "gradient of the rope key", of.k.rows, heads.rope_key().dim);
  backend.sum_heads(d_rope_key.view(), of.k, heads.rope());
  split.nope_keys = gradient(site, "gradient of the nope keys", of.k.rows, site.weights.key.weight.width);
  backend.copy_heads(split.nope_keys.view(), heads.nope_keys(), of.k, heads.nope());
  of.own_k.dies();
  const bool is_narrow = has_narrow_output(site.kind);
  split.own_values = is_narrow ? narrowed_gradient(site, of.v, of.own_v) : std::move(of.own_v);
  split.values = is_narrow ? ConstView(split.own_values.view()) : ConstView(of.v);
  return split;
}

}  // namespace

void query_latent_backward(const LayerSite& site, Tensor& dq, Latent& latent) {
  if (!site.weights.latent || !site.weights.latent->query) return;
  const Run& run = site.run;
  weight_gradient(run, site.weights.query, latent.normed.output.view(), dq.view());
  latent.normed.output.dies();
  Tensor d_latent = gradient(site, "gradient of the query latent", dq.view().rows, latent.raw.view().width);
  input_gradient(run, d_latent.view(), dq.view(), site.weights.query, Write::set);
  dq = std::move(d_latent);
  norm_backward(site, dq, latent, site.weights.latent->query->norm);
}

LatentGradients key_value_latent_backward(const LayerSite& site, const KeyValueGradients& gradients, Latent& latent) {
  const Run& run = site.run;
  LatentGradients made;
  ProductGradients of = split(site, gradients, made.rope_key);
  weight_gradient(run, site.weights.key, latent.normed.output.view(), of.nope_keys.view());
  weight_gradient(run, site.weights.value, latent.normed.output.view(), of.values);
  latent.normed.output.dies();
  made.latent = gradient(site, "gradient of the latent", gradients.k.rows, latent.raw.view().width);
  input_gradient(run, made.latent.view(), of.nope_keys.view(), site.weights.key, Write::set);
  input_gradient(run, made.latent.view(), of.values, site.weights.value, Write::add);
  of.nope_keys.dies();
  of.own_values.dies();
  norm_backward(site, made.latent, latent, site.weights.latent->key_value.norm);
  return made;
}

}  // namespace headroom::measure

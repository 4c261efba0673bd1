#include "attention.h"

#include <utility>

#include "absorbed_attention.h"
#include "attention_core.h"
#include "key_value_cache.h"
#include "linear.h"
#include "narrow_output.h"

namespace headroom::measure {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

void project_query(const LayerSite& site, const ConstView& x, const Rows& rows, Category category, const Pass& pass,
                   AttentionState& state) {
  Latent& latent = state.latents.query;
  project_heads(site, query_projection(site), query_input(site, x, pass, latent), rows,
                whole_target(state.q, {"q", category}, x.rows, site.query_width()), pass, state.raw_q);
  if (!pass.keeps) latent.normed.output.dies();
}

Tensor& output_of(const LayerSite& site, AttentionState& state) {
  return has_narrow_output(site.kind) ? state.narrow_o : state.o;
}

void narrow_output(const LayerSite& site, AttentionState& state, bool o_stays, const Pass& pass) {
  if (is_absorbed(site)) return project_absorbed(site, state);
  if (!has_narrow_output(site.kind)) return;
  state.narrow_o = narrowed(site, state.o, pass);
  if (!o_stays) state.o.dies();
}

InputProducts input_products(const LayerSite& site) {
  LayerWeights& weights = site.weights;
  if (!weights.latent) return {weights.query, weights.key, weights.value};
  LatentWeights& latent = *weights.latent;
  return {latent.query ? latent.query->linear : weights.query, latent.key_value.linear, latent.rope_key};
}

void latents_backward(const LayerSite& site, LatentState& latents, AttentionGradients& gradients) {
  if (!site.kind.latent) return;
  query_latent_backward(site, gradients.q, latents.query);
  const KeyValueGradients of{gradients.k.view(), gradients.v.view(), gradients.k, gradients.v};
  LatentGradients made = key_value_latent_backward(site, of, latents.key_value);
  gradients.k = std::move(made.latent);
  gradients.v = std::move(made.rope_key);
}

void rope_backward(const LayerSite& site, const AttentionGradients& gradients, const Rows& rows) {
  rope_backward(site, gradients.q.view(), site.kind.heads, rows);
  rope_backward(site, gradients.k.view(), site.kind.kv_heads, rows);
}

namespace {

/// All tokens that the rank's products see.
Rows all_tokens(const Run& run) { return {0, run.product_seq()}; }

/// Births k and v; `x` ends behind the last product that reads it.
void project_keys_and_values(const LayerSite& site, ProductInput& x, const Rows& rows, Category category,
                             const Pass& pass, AttentionState& state) {
  const Target k = whole_target(state.k, {"k", category}, x.view.rows, site.kv_width());
  const Target v = whole_target(state.v, {"v", category}, x.view.rows, site.kv_width());
  if (site.kind.latent) {
    Tensor rope_key = latent_and_rope_key(site, x.view, rows, pass, state.latents.key_value);
    x.end();
    if (is_absorbed(site)) return keep_latents(site, std::move(rope_key), rows, state.latents.key_value);
    return keys_and_values(site, std::move(rope_key), k, v, pass, state.latents.key_value);
  }
  project_heads(site, key_projection(site), x.view, rows, k, pass, state.raw_k);
  forward(site.run, v.open(site.run), x.view, site.weights.value);
  x.end();
}

ProductInput norm_output(const LayerSite& site, Normed& normed, bool dies) {
  Tensor& output = normed.output;
  return site.run.crossing.enter(site.run, "gathered attention norm output", output.view(), dies ? &output : nullptr);
}

void projection_weights_backward(const LayerSite& site, Normed& normed, const AttentionGradients& gradients) {
  const InputProducts products = input_products(site);
  ProductInput x = norm_output(site, normed, true);
  weight_gradient(site.run, products.query, x.view, gradients.q.view());
  weight_gradient(site.run, products.key, x.view, gradients.k.view());
  weight_gradient(site.run, products.value, x.view, gradients.v.view());
  x.end();
}

/// Births the gradient of the norm's output, of `rows` rows.
Tensor projection_inputs_backward(const LayerSite& site, AttentionGradients& gradients, std::int64_t rows) {
  const Run& run = site.run;
  const InputProducts products = input_products(site);
  Tensor dx;
  const Label label{"gradient of the attention norm output", Category::attention};
  run.crossing.leave(run, whole_target(dx, label, rows, run.hidden()), [&](const View& out) {
    input_gradient(run, out, gradients.q.view(), products.query, Write::set);
    input_gradient(run, out, gradients.k.view(), products.key, Write::add);
    input_gradient(run, out, gradients.v.view(), products.value, Write::add);
    gradients = {};
  });
  return dx;
}

}  // namespace

void project_all(const LayerSite& site, AttentionState& state, const Rows& rows, const Pass& pass) {
  const AttentionCore& core = site.run.core;
  const auto category = [&](bool is_kept) {
    return is_kept ? pass.category(Category::attention) : Category::attention;
  };
  ProductInput x = norm_output(site, state.normed, !pass.keeps && !site.shares_norm());
  project_query(site, x.view, rows, category(core.keeps_query()), pass, state);
  project_keys_and_values(site, x, rows, category(core.keeps_key_values()), pass, state);
}

Tensor output_backward(const LayerSite& site, Tensor& o, bool o_dies, BranchState& branch_state,
                       const View& residual_gradient) {
  const Run& run = site.run;
  const std::int64_t rows = o.view().rows, width = o.view().width;
  BranchGradient branch(run, site.attention_branch(), residual_gradient, branch_state);
  weight_gradient(run, site.weights.output, o.view(), branch.dy());
  if (o_dies) o.dies();
  const bool is_narrow = has_narrow_output(site.kind);
  const std::string_view name = is_narrow ? "gradient of narrow o" : "gradient of o";
  Tensor d_o = run.activation({name, Category::attention}, rows, width);
  input_gradient(run, d_o.view(), branch.dy(), site.weights.output, Write::set);
  branch.end();
  if (is_narrow) widen_gradient(site, d_o);
  return d_o;
}

void projections_backward(const LayerSite& site, const ConstView& x, AttentionState& state,
                          AttentionGradients& gradients, const View& residual_gradient) {
  projection_weights_backward(site, state.normed, gradients);
  attention_norm_backward(site, x, state, projection_inputs_backward(site, gradients, x.rows), residual_gradient);
}

namespace {

/// Adds what waits, if anything does.
void take(const Run& run, const View& sum, Tensor& waiting) {
  if (!waiting) return;
  run.backend.add(sum, waiting.view());
  waiting.dies();
}

}  // namespace

void attention_norm_backward(const LayerSite& site, const ConstView& x, AttentionState& state, Tensor gradient,
                             const View& residual_gradient) {
  if (site.shares_norm()) take(site.run, gradient.view(), state.waiting);
  norm_backward(site.run, residual_gradient, Write::add, gradient.view(), x, state.normed.statistics.view(),
                site.weights.attention_norm);
  state.normed.statistics.dies();
  gradient.dies();
  take(site.run, residual_gradient, state.waiting);
}

namespace {

/// From x to what the output product reads.
void inner(const LayerSite& site, const Tensor& x, AttentionState& state, const Pass& pass) {
  const Run& run = site.run;
  state.normed = norm(run, kAttentionNorm, x.view(), site.weights.attention_norm, pass);
  project_all(site, state, all_tokens(run), pass);
  const CoreSite core = core_site_of(site, state);
  absorb_query(site, state);
  run.core.forward(core, state, pass);
  narrow_output(site, state, pass.keeps && run.core.reads_output(), pass);
}

class WholeAttention : public AttentionWay {
 public:
  void forward(const LayerSite& site, const Tensor& x, Tensor& r, AttentionState& state,
               const Pass& pass) const override {
    const Run& run = site.run;
    inner(site, x, state, pass);
    const Target target = whole_target(r, {"r", Category::saved_activations}, run.seq(), run.hidden());
    branch_forward(run, site.attention_branch(), output_of(site, state), x.view(), target, run.whole(), pass,
                   state.branch);
  }

  void backward(const LayerSite& site, const Tensor& x, AttentionState& state,
                const Tensor& residual_gradient) const override {
    const Run& run = site.run;
    AttentionGradients gradients;
    const bool o_dies = has_narrow_output(site.kind) || !run.core.reads_output();
    gradients.o = output_backward(site, output_of(site, state), o_dies, state.branch, residual_gradient.view());
    run.core.backward(site.core_site(), state, gradients);
    rope_backward(site, gradients, all_tokens(run));
    raw_heads_backward(site, query_projection(site), gradients.q.view(), state.raw_q);
    raw_heads_backward(site, key_projection(site), gradients.k.view(), state.raw_k);
    latents_backward(site, state.latents, gradients);
    projections_backward(site, x.view(), state, gradients, residual_gradient.view());
  }
};

}  // namespace

void whole_attention_again(const LayerSite& site, const Tensor& x, AttentionState& state) {
  inner(site, x, state, kRecompute);
  branch_without_output(site.run, site.attention_branch(), output_of(site, state), site.run.whole(), state.branch);
}

const AttentionWay& whole_attention() {
  static const WholeAttention way;
  return way;
}

}  // namespace headroom::measure

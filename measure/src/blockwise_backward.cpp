#include "attention_kernels.h"
#include "blockwise.h"
#include "linear.h"
#include "narrow_output.h"

namespace headroom::measure::blockwise {
namespace {

using kernels::View;
using kernels::Write;

void begin(const LayerSite& site, KeyValueSums& sums) {
  const Run& run = site.run;
  sums.dk = run.fp32(kKeyAccumulator, run.seq(), site.kv_width());
  sums.dv = run.fp32(kValueAccumulator, run.seq(), site.kv_width());
  run.backend.zero(sums.dk.view());
  run.backend.zero(sums.dv.view());
}

void scores_backward(const LayerSite& site, const LayerState& state, const BlockState& block, const Rows& queries,
                     const kernels::AttentionSaved& saved, const View& dq, const KeyValueSums& sums) {
  const CoreSite core = site.core_site();
  if (is_one_kernel(site)) {
    kernels::AttentionSaved all = saved;
    all.k = state.attention.k.view();
    all.v = state.attention.v.view();
    flash_backward(core, {dq, sums.dk.view(), sums.dv.view()}, Write::add, all, core.block(queries, core.all_keys()));
    return;
  }
  site.run.backend.zero(dq);
  blocks_backward(query_block(core, block, queries), saved, dq, sums.dk.view(), sums.dv.view(),
                  key_blocks_of(site, core, state));
}

/// From the gradient of o to dq, and what the block adds to dk and dv.
void core_backward(const LayerSite& site, const LayerState& state, BlockState& block, const Rows& queries,
                   AttentionGradients& gradients, KeyValueSums& sums) {
  const Run& run = site.run;
  AttentionState& a = block.attention;
  Tensor delta = attention_rows(site.core_site(), "D", queries.count);
  run.backend.attention_delta(delta.view(), gradients.o.view(), a.o.view(), site.heads());
  a.o.dies();
  Accumulator dq(run, query_gradient(site.core_site(), gradients.q, queries.count, {0, queries.count}),
                 kQueryAccumulator);
  if (!sums.dk) begin(site, sums);
  scores_backward(site, state, block, queries,
                  {a.q.view(), {}, {}, gradients.o.view(), a.logsumexp.view(), delta.view()}, dq.sum(), sums);
  a.logsumexp.dies();
  delta.dies();
  a.q.dies();
  gradients.o.dies();
  dq.round();
}

/// Births the gradient of the norm's output, which `write` writes.
template <class Writer>
Tensor norm_output_gradient(const LayerSite& site, std::int64_t rows, const Writer& write) {
  Tensor dx;
  const Label label{"gradient of the attention norm output", Category::attention};
  site.run.crossing.leave(site.run, whole_target(dx, label, rows, site.run.hidden()), write);
  return dx;
}

void query_backward(const LayerSite& site, const Tensor& x, const Rows& queries, AttentionState& a, Tensor dq,
                    const Tensor& residual_gradient) {
  const Run& run = site.run;
  rope_backward(site, dq.view(), site.kind.heads, queries);
  raw_heads_backward(site, query_projection(site), dq.view(), a.raw_q);
  query_latent_backward(site, dq, a.latents.query);
  Linear& product = input_products(site).query;
  weight_gradient(run, product, a.normed.output.view(), dq.view());
  a.normed.output.dies();
  Tensor dx = norm_output_gradient(site, queries.count, [&](const View& out) {
    input_gradient(run, out, dq.view(), product, Write::set);
    dq.dies();
  });
  attention_norm_backward(site, x.rows(queries), a, std::move(dx), residual_gradient.rows(queries));
}

/// The rounded sum of one key block; in fp32 the sum's own rows, and nothing is born.
struct Rounded {
  Tensor own;
  View view;

  Rounded(const LayerSite& site, std::string_view name, const Tensor& sum, const Rows& keys) : view(sum.rows(keys)) {
    if (site.run.is_fp32()) return;
    own = site.run.activation({name, Category::attention}, keys.count, site.kv_width());
    site.run.backend.convert(own.view(), view);
    view = own.view();
  }
};

/// The gradients of what the input products of keys and values give; the tensors are empty where the sums are these.
struct InputGradients {
  Tensor own_value, own_key;  ///< the key's dies first
  View key, value;
};

/// From the sums of dk and dv.
InputGradients input_gradients(const LayerSite& site, const KeyValueSums& sums, const Rows& keys, RawHeads& raw,
                               Latent& latent) {
  Rounded dk(site, "dk", sums.dk, keys), dv(site, "dv", sums.dv, keys);
  rope_backward(site, dk.view, site.kind.kv_heads, keys);
  raw_heads_backward(site, key_projection(site), dk.view, raw);
  if (!site.kind.latent) return {std::move(dv.own), std::move(dk.own), dk.view, dv.view};
  LatentGradients made = key_value_latent_backward(site, {dk.view, dv.view, dk.own, dv.own}, latent);
  const View d_latent = made.latent.view(), d_rope_key = made.rope_key.view();
  return {std::move(made.rope_key), std::move(made.latent), d_latent, d_rope_key};
}

/// Births the gradient of the norm's output.
Tensor key_value_backward(const LayerSite& site, const KeyValueSums& sums, const Rows& keys, Tensor& norm_output) {
  const Run& run = site.run;
  const InputProducts products = input_products(site);
  RawHeads raw;
  Latent latent;
  raw_heads_again(site, key_projection(site), norm_output.view(), raw);
  latent_again(site, norm_output.view(), latent);
  const InputGradients of = input_gradients(site, sums, keys, raw, latent);
  weight_gradient(run, products.key, norm_output.view(), of.key);
  weight_gradient(run, products.value, norm_output.view(), of.value);
  norm_output.dies();
  return norm_output_gradient(site, keys.count, [&](const View& out) {
    input_gradient(run, out, of.key, products.key, Write::set);
    input_gradient(run, out, of.value, products.value, Write::add);
  });
}

}  // namespace

void backward_of_block(const LayerSite& site, const LayerState& state, const Rows& queries,
                       const Tensor& residual_gradient, KeyValueSums& sums) {
  BlockState block;
  attention_of_block(site, site.core_site(), state, block, queries, kRecompute);
  const FeedForwardInput input = feed_forward_input(site, state, block, queries);
  feed_forward_again(site, input, queries, block.feed_forward);
  feed_forward_backward(site, input, block.feed_forward, residual_gradient.rows(queries),
                        norm_output_gradient(site, block.attention.waiting, queries.count, {0, queries.count}));
  block.r.dies();
  AttentionGradients gradients;
  AttentionState& a = block.attention;
  gradients.o = output_backward(site, output_of(site, a), has_narrow_output(site.kind), a.branch,
                                residual_gradient.rows(queries));
  core_backward(site, state, block, queries, gradients, sums);
  query_backward(site, state.x, queries, block.attention, std::move(gradients.q), residual_gradient);
}

void backward_of_key_block(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyValueSums& sums,
                           const Tensor& residual_gradient) {
  AttentionState a;
  a.normed = norm_of_block(site, x, keys, kRecompute);
  Tensor dx = key_value_backward(site, sums, keys, a.normed.output);
  attention_norm_backward(site, x.rows(keys), a, std::move(dx), residual_gradient.rows(keys));
}

}  // namespace headroom::measure::blockwise

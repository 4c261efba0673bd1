#include "attention_kernels.h"
#include "blockwise.h"
#include "linear.h"

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

/// Through the output product: births the gradient of o.
void output_backward(const LayerSite& site, AttentionState& a, const View& residual_gradient,
                     AttentionGradients& gradients) {
  const Run& run = site.run;
  BranchGradient branch(run, site.attention_branch(), residual_gradient, a.branch);
  weight_gradient(run, site.weights.output, a.o.view(), branch.dy());
  gradients.o = run.activation({"gradient of o", Category::attention}, a.o.view().rows, site.query_width());
  input_gradient(run, gradients.o.view(), branch.dy(), site.weights.output, Write::set);
  branch.end();
}

void scores_backward(const LayerSite& site, const LayerState& state, const BlockState& block, const Rows& queries,
                     const kernels::AttentionSaved& saved, const View& dq, const KeyValueSums& sums) {
  if (is_one_kernel(site)) {
    kernels::AttentionSaved all = saved;
    all.k = state.attention.k.view();
    all.v = state.attention.v.view();
    flash_backward(site.core_site(), {dq, sums.dk.view(), sums.dv.view()}, Write::add, all,
                   over_all_keys(site, queries));
    return;
  }
  site.run.backend.zero(dq);
  blocks_backward(query_block(site, block, queries), saved, dq, sums.dk.view(), sums.dv.view(),
                  key_blocks_of(site, state));
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
  weight_gradient(run, site.weights.query, a.normed.output.view(), dq.view());
  a.normed.output.dies();
  Tensor dx = norm_output_gradient(site, queries.count, [&](const View& out) {
    input_gradient(run, out, dq.view(), site.weights.query, Write::set);
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

/// Births the gradient of the norm's output.
Tensor key_value_backward(const LayerSite& site, const KeyValueSums& sums, const Rows& keys, Tensor& norm_output) {
  const Run& run = site.run;
  RawHeads raw;
  raw_heads_again(site, key_projection(site), norm_output.view(), raw);
  const Rounded dk(site, "dk", sums.dk, keys);
  const Rounded dv(site, "dv", sums.dv, keys);
  rope_backward(site, dk.view, site.kind.kv_heads, keys);
  raw_heads_backward(site, key_projection(site), dk.view, raw);
  weight_gradient(run, site.weights.key, norm_output.view(), dk.view);
  weight_gradient(run, site.weights.value, norm_output.view(), dv.view);
  norm_output.dies();
  return norm_output_gradient(site, keys.count, [&](const View& out) {
    input_gradient(run, out, dk.view, site.weights.key, Write::set);
    input_gradient(run, out, dv.view, site.weights.value, Write::add);
  });
}

}  // namespace

void backward_of_block(const LayerSite& site, const LayerState& state, const Rows& queries,
                       const Tensor& residual_gradient, KeyValueSums& sums) {
  BlockState block;
  attention_of_block(site, state, block, queries, kRecompute);
  const FeedForwardInput input = feed_forward_input(site, state, block, queries);
  feed_forward_again(site, input, queries, block.feed_forward);
  feed_forward_backward(site, input, block.feed_forward, residual_gradient.rows(queries),
                        norm_output_gradient(site, block.attention.waiting, queries.count, {0, queries.count}));
  block.r.dies();
  AttentionGradients gradients;
  output_backward(site, block.attention, residual_gradient.rows(queries), gradients);
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

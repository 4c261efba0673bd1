#include "feed_forward.h"

#include "activation.h"
#include "experts.h"
#include "linear.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

constexpr NormLabels kNorm{"feed-forward norm output", "feed-forward norm statistics", Category::feed_forward};

Tensor widened(const LayerSite& site, const Label& label, const ConstView& x, const Linear& linear) {
  Tensor out = site.run.activation(label, x.rows, linear.weight.width);
  forward(site.run, out.view(), x, linear);
  return out;
}

/// Births the norm's output of these rows.
ProductInput normed_input(const LayerSite& site, const ConstView& r, FeedForwardState& state, const Pass& pass) {
  state.normed = norm(site.run, kNorm, r, site.weights.feed_forward_norm, pass);
  return feed_forward_input(site, state, !pass.keeps);
}

/// From r to the activated tensor.
void inner(const LayerSite& site, const ConstView& r, FeedForwardState& state, const Pass& pass) {
  const Category category = pass.category(Category::feed_forward);
  ProductInput x = normed_input(site, r, state, pass);
  if (site.weights.gate) state.gate = widened(site, {"gate", category}, x.view, *site.weights.gate);
  state.up = widened(site, {"up", category}, x.view, site.weights.up);
  x.end();
  activate(site, state.gate, state.up, state.activated, pass, "activated");
}

/// Through the last product: births the gradient of the activated tensor.
Tensor down_backward(const LayerSite& site, FeedForwardState& state, const View& residual_gradient) {
  const Run& run = site.run;
  BranchGradient branch(run, site.feed_forward_branch(), residual_gradient, state.branch);
  weight_gradient(run, site.weights.down, state.activated.view(), branch.dy());
  const View shape = state.activated.view();
  state.activated.dies();
  Tensor d_activated = run.activation({"gradient of activated", Category::feed_forward}, shape.rows, shape.width);
  input_gradient(run, d_activated.view(), branch.dy(), site.weights.down, Write::set);
  branch.end();
  return d_activated;
}

void weights_backward(const LayerSite& site, FeedForwardState& state) {
  ProductInput x = feed_forward_input(site, state, true);
  if (state.gate) weight_gradient(site.run, *site.weights.gate, x.view, state.gate.view());
  weight_gradient(site.run, site.weights.up, x.view, state.up.view());
  x.end();
}

/// Births the gradient of the norm's output.
Tensor inputs_backward(const LayerSite& site, FeedForwardState& state, std::int64_t rows) {
  const Run& run = site.run;
  Tensor dx;
  const Label label{"gradient of the feed-forward norm output", Category::feed_forward};
  run.crossing.leave(run, whole_target(dx, label, rows, run.hidden()), [&](const View& out) {
    if (state.gate) input_gradient(run, out, state.gate.view(), *site.weights.gate, Write::set);
    input_gradient(run, out, state.up.view(), site.weights.up, state.gate ? Write::add : Write::set);
    state.gate.dies();
    state.up.dies();
  });
  return dx;
}

/// Births the gradient of the norm's output from that of the branch.
Tensor dense_backward(const LayerSite& site, FeedForwardState& state, const View& residual_gradient,
                      std::int64_t rows) {
  activation_backward(site, state.gate, state.up, down_backward(site, state, residual_gradient));
  weights_backward(site, state);
  return inputs_backward(site, state, rows);
}

}  // namespace

ProductInput feed_forward_input(const LayerSite& site, FeedForwardState& state, bool dies) {
  Tensor& output = state.normed.output;
  return site.run.crossing.enter(site.run, "gathered feed-forward norm output", output.view(),
                                 dies ? &output : nullptr);
}

void feed_forward_block(const LayerSite& site, const ConstView& r, const Target& target, const Rows& block,
                        FeedForwardState& state, const Pass& pass) {
  if (site.weights.experts) {
    ProductInput x = normed_input(site, r, state, pass);
    return experts_block(site, x, r, target, block, state, pass);
  }
  inner(site, r, state, pass);
  branch_forward(site.run, site.feed_forward_branch(), state.activated, r, target, block, pass, state.branch);
}

void feed_forward_again(const LayerSite& site, const ConstView& r, const Rows& block, FeedForwardState& state) {
  if (site.weights.experts) {
    ProductInput x = normed_input(site, r, state, kRecompute);
    return experts_again(site, x, block, state);
  }
  inner(site, r, state, kRecompute);
  branch_without_output(site.run, site.feed_forward_branch(), state.activated, block, state.branch);
}

void feed_forward_backward(const LayerSite& site, const ConstView& r, FeedForwardState& state,
                           const View& residual_gradient) {
  const Tensor dx = site.weights.experts ? experts_backward(site, state, residual_gradient, r.rows)
                                         : dense_backward(site, state, residual_gradient, r.rows);
  norm_backward(site.run, residual_gradient, Write::add, dx.view(), r, state.normed.statistics.view(),
                site.weights.feed_forward_norm);
  state.normed.statistics.dies();
}

Target output_rows(const LayerSite& site, Tensor& output, const Rows& block) {
  return {output, {"x", Category::saved_activations}, site.run.seq(), site.run.hidden(), block};
}

}  // namespace headroom::measure

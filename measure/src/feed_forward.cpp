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

ProductInput enter(const LayerSite& site, const View& norm_output, Tensor* dying) {
  return site.run.crossing.enter(site.run, "gathered feed-forward norm output", norm_output, dying);
}

/// Through the norm, unless both branches have one.
ProductInput norm_output(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                         const Pass& pass) {
  if (input.normed) return enter(site, input.normed, input.dying);
  Normed& normed = state.normed;
  normed = norm(site.run, kNorm, input.x, *site.weights.feed_forward_norm, pass);
  if (input.dying != nullptr) input.dying->dies();
  return enter(site, normed.output.view(), pass.keeps ? nullptr : &normed.output);
}

/// From the input to the activated tensor.
void inner(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state, const Pass& pass) {
  const Category category = pass.category(Category::feed_forward);
  ProductInput x = norm_output(site, input, state, pass);
  if (site.weights.gate) state.gate = born_product(site.run, {"gate", category}, x.view, *site.weights.gate);
  state.up = born_product(site.run, {"up", category}, x.view, site.weights.up);
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

void weights_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state) {
  ProductInput x = norm_output_again(site, input, state);
  if (state.gate) weight_gradient(site.run, *site.weights.gate, x.view, state.gate.view());
  weight_gradient(site.run, site.weights.up, x.view, state.up.view());
  x.end();
}

/// `target` takes the gradient of the norm's output.
void inputs_backward(const LayerSite& site, FeedForwardState& state, const Target& target) {
  const Run& run = site.run;
  run.crossing.leave(run, target, [&](const View& out) {
    if (state.gate) input_gradient(run, out, state.gate.view(), *site.weights.gate, Write::set);
    input_gradient(run, out, state.up.view(), site.weights.up, state.gate ? Write::add : Write::set);
    state.gate.dies();
    state.up.dies();
  });
}

/// `target` takes the gradient of the norm's output, from that of the branch.
void dense_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                    const View& residual_gradient, const Target& target) {
  activation_backward(site, state.gate, state.up, down_backward(site, state, residual_gradient));
  weights_backward(site, input, state);
  inputs_backward(site, state, target);
}

}  // namespace

ProductInput norm_output_again(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state) {
  if (input.normed) return enter(site, input.normed, nullptr);
  return enter(site, state.normed.output.view(), &state.normed.output);
}

void feed_forward_block(const LayerSite& site, const FeedForwardInput& input, const Target& target, const Rows& block,
                        FeedForwardState& state, const Pass& pass) {
  if (site.weights.experts) {
    ProductInput x = norm_output(site, input, state, pass);
    return experts_block(site, x, input.residual, target, block, state, pass);
  }
  inner(site, input, state, pass);
  branch_forward(site.run, site.feed_forward_branch(), state.activated, input.residual, target, block, pass,
                 state.branch);
}

void feed_forward_again(const LayerSite& site, const FeedForwardInput& input, const Rows& block,
                        FeedForwardState& state) {
  if (site.weights.experts) {
    ProductInput x = norm_output(site, input, state, kRecompute);
    return experts_again(site, x, block, state);
  }
  inner(site, input, state, kRecompute);
  branch_without_output(site.run, site.feed_forward_branch(), state.activated, block, state.branch);
}

void feed_forward_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                           const View& residual_gradient, const Target& waiting) {
  Tensor own;
  const Target target = site.is_parallel() ? waiting : norm_output_gradient(site, own, input.rows(), {0, input.rows()});
  if (site.weights.experts) {
    experts_backward(site, input, state, residual_gradient, target);
  } else {
    dense_backward(site, input, state, residual_gradient, target);
  }
  if (site.shares_norm()) return;
  const View dx = target.open(site.run);
  norm_backward(site.run, site.is_parallel() ? dx : residual_gradient, site.is_parallel() ? Write::set : Write::add, dx,
                input.x, state.normed.statistics.view(), *site.weights.feed_forward_norm);
  state.normed.statistics.dies();
}

Target norm_output_gradient(const LayerSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows) {
  const Label label{"gradient of the feed-forward norm output", Category::feed_forward};
  return {tensor, label, all_rows, site.run.hidden(), rows};
}

Target output_rows(const LayerSite& site, Tensor& output, const Rows& block) {
  return {output, {"x", Category::saved_activations}, site.run.seq(), site.run.hidden(), block};
}

}  // namespace headroom::measure

#include "activation.h"
#include "experts.h"
#include "experts_places.h"
#include "linear.h"
#include "shared_expert.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

/// Adds to the gradients of all experts' weights and biases.
void places_weight_gradient(const Run& run, Linear& linear, const Tensor& x, const Tensor& dy, const Choice& choice) {
  const Write write = write_gradient(run, linear.weight);
  const View first = choice.first.view();
  run.backend.expert_weight_gradient(linear.weight.gradient.view(), x.view(), dy.view(), first, write);
  if (!linear.bias) return;
  const Write write_bias = write_gradient(run, *linear.bias);
  run.backend.expert_bias_gradient(linear.bias->gradient.view(), dy.view(), first, write_bias);
}

/// Through the weighted sum and the shared expert's last product, whose gradients of the activated tensor it births.
Tensor branch_backward(const LayerSite& site, FeedForwardState& state, const View& residual_gradient) {
  BranchGradient branch(site.run, site.feed_forward_branch(), residual_gradient, state.branch);
  ExpertsState& experts = state.experts;
  site.run.backend.sum_places_backward(experts.outputs.view(), experts.choice.views(), branch.dy());
  Tensor d_shared;
  if (site.weights.experts->shared) d_shared = shared_output_backward(site, branch.dy(), experts.shared);
  branch.end();
  return d_shared;
}

/// Through the experts' last product: the expert outputs hold their gradient. Births that of the activated tensor.
Tensor down_backward(const LayerSite& site, FeedForwardState& state) {
  Tensor& d_outputs = state.experts.outputs;
  const Choice& choice = state.experts.choice;
  const View shape = state.activated.view();
  places_weight_gradient(site.run, site.weights.down, state.activated, d_outputs, choice);
  state.activated.dies();
  Tensor d_activated = places_tensor(site, {"gradient of activated", Category::feed_forward}, shape.rows, shape.width);
  site.run.backend.expert_product_transposed(d_activated.view(), d_outputs.view(),
                                             site.weights.down.weight.value.view(), choice.first.view(), Write::set);
  d_outputs.dies();
  return d_activated;
}

void widening_weights_backward(const LayerSite& site, const ConstView& x, FeedForwardState& state) {
  const Choice& choice = state.experts.choice;
  const Tensor placed = placed_rows(site, x, choice.places, state.up.view().rows);
  if (state.gate) places_weight_gradient(site.run, *site.weights.gate, placed, state.gate, choice);
  places_weight_gradient(site.run, site.weights.up, placed, state.up, choice);
}

/// Births the gradient of the placed rows; gate and up die.
Tensor widening_backward(const LayerSite& site, FeedForwardState& state) {
  const Label label{"gradient of the placed rows", Category::feed_forward};
  Tensor d_placed = places_tensor(site, label, state.up.view().rows, site.run.hidden());
  const auto through = [&](const Linear& linear, const Tensor& dy, Write write) {
    site.run.backend.expert_product_transposed(d_placed.view(), dy.view(), linear.weight.value.view(),
                                               state.experts.choice.first.view(), write);
  };
  if (state.gate) through(*site.weights.gate, state.gate, Write::set);
  through(site.weights.up, state.up, state.gate ? Write::add : Write::set);
  state.gate.dies();
  state.up.dies();
  return d_placed;
}

/// The choice alone reads the correction: its gradient is zero.
void correction_backward(const Run& run, std::optional<Parameter>& correction) {
  if (correction && write_gradient(run, *correction) == Write::set) run.backend.zero(correction->gradient.view());
}

/// From the gradients of the chosen logits to W_r and the norm's output; the choice dies.
void router_backward(const LayerSite& site, ProductInput& x, const View& dx, Choice& choice) {
  const Run& run = site.run;
  ExpertsWeights& weights = *site.weights.experts;
  const Tensor d_logits =
      run.fp32({"gradient of the router logits", Category::feed_forward}, x.view.rows, weights.router.width);
  run.backend.expert_logits_gradient(d_logits.view(), choice.weights.view(), choice.experts.view());
  choice.dies();
  weight_gradient(run, weights.router, x.view, d_logits.view());
  correction_backward(run, weights.correction);
  if (!weights.shared) x.end();
  run.backend.product_transposed(dx, d_logits.view(), weights.router.value.view(), {}, Write::add);
}

}  // namespace

void experts_backward(const LayerSite& site, const FeedForwardInput& input, FeedForwardState& state,
                      const View& residual_gradient, const Target& target) {
  const Run& run = site.run;
  Tensor d_shared = branch_backward(site, state, residual_gradient);
  activation_backward(site, state.gate, state.up, down_backward(site, state));
  ProductInput x = norm_output_again(site, input, state);
  widening_weights_backward(site, x.view, state);
  Tensor d_placed = widening_backward(site, state);
  run.crossing.leave(run, target, [&](const View& out) {
    run.backend.sum_places(out, d_placed.view(), state.experts.choice.places.view(), {});
    d_placed.dies();
    router_backward(site, x, out, state.experts.choice);
    if (d_shared) shared_backward(site, x, out, std::move(d_shared), state.experts.shared);
  });
}

}  // namespace headroom::measure

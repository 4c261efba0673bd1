#include "shared_expert.h"

#include "activation.h"
#include "linear.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

SharedExpertWeights& weights_of(const LayerSite& site) { return *site.weights.experts->shared; }

/// The sigmoid of one product a row.
Tensor gate_values(const LayerSite& site, const ConstView& x, const Parameter& weight, const Pass& pass) {
  Tensor values = site.run.fp32({"gate of the shared expert", pass.category(Category::feed_forward)}, x.rows, 1);
  site.run.backend.product(values.view(), x, weight.value.view(), {}, Write::set);
  site.run.backend.sigmoid(values.view());
  return values;
}

/// Births the gradient of the gate's product; the gate's values die.
Tensor gate_backward(const LayerSite& site, const View& d_activated, SharedExpertState& state) {
  Tensor d_gate = site.run.fp32({"gradient of the shared expert's gate", Category::feed_forward}, d_activated.rows, 1);
  site.run.backend.gate_rows_backward(d_gate.view(), d_activated, state.activated.view(), state.gate_values.view());
  state.gate_values.dies();
  return d_gate;
}

void weights_backward(const LayerSite& site, const ConstView& x, const SharedExpertState& state, const Tensor& d_gate) {
  SharedExpertWeights& weights = weights_of(site);
  if (weights.gate) weight_gradient(site.run, *weights.gate, x, state.gate.view());
  weight_gradient(site.run, weights.up, x, state.up.view());
  if (weights.output_gate) weight_gradient(site.run, *weights.output_gate, x, d_gate.view());
}

void inputs_backward(const LayerSite& site, const View& dx, const SharedExpertState& state, const Tensor& d_gate) {
  const SharedExpertWeights& weights = weights_of(site);
  if (weights.gate) input_gradient(site.run, dx, state.gate.view(), *weights.gate, Write::add);
  input_gradient(site.run, dx, state.up.view(), weights.up, Write::add);
  if (!weights.output_gate) return;
  site.run.backend.product_transposed(dx, d_gate.view(), weights.output_gate->value.view(), {}, Write::add);
}

}  // namespace

void shared_inner(const LayerSite& site, ProductInput& x, SharedExpertState& state, const Pass& pass) {
  const SharedExpertWeights& weights = weights_of(site);
  const Category category = pass.category(Category::feed_forward);
  if (weights.gate)
    state.gate = born_product(site.run, {"gate branch of the shared expert", category}, x.view, *weights.gate);
  state.up = born_product(site.run, {"up of the shared expert", category}, x.view, weights.up);
  if (weights.output_gate) state.gate_values = gate_values(site, x.view, *weights.output_gate, pass);
  x.end();
  activate(site, state.gate, state.up, state.activated, pass, "activated of the shared expert");
  if (weights.output_gate) site.run.backend.gate_rows(state.activated.view(), state.gate_values.view());
}

void shared_output(const LayerSite& site, const View& out, SharedExpertState& state, const Pass& pass) {
  forward_part(site.run, out, state.activated.view(), weights_of(site).down, Write::add);
  if (pass.keeps) return;
  state.activated.dies();
  state.gate_values.dies();
}

Tensor shared_output_backward(const LayerSite& site, const ConstView& dy, const SharedExpertState& state) {
  Linear& down = weights_of(site).down;
  const View& activated = state.activated.view();
  weight_gradient(site.run, down, activated, dy);
  Tensor d_activated = site.run.activation({"gradient of activated of the shared expert", Category::feed_forward},
                                           activated.rows, activated.width);
  input_gradient(site.run, d_activated.view(), dy, down, Write::set);
  return d_activated;
}

void shared_backward(const LayerSite& site, ProductInput& x, const View& dx, Tensor d_activated,
                     SharedExpertState& state) {
  Tensor d_gate;
  if (state.gate_values) d_gate = gate_backward(site, d_activated.view(), state);
  state.activated.dies();
  activation_backward(site, state.gate, state.up, std::move(d_activated));
  weights_backward(site, x.view, state, d_gate);
  x.end();
  inputs_backward(site, dx, state, d_gate);
  state.gate.dies();
  state.up.dies();
}

}  // namespace headroom::measure

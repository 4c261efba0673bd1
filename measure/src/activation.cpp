#include "activation.h"

namespace headroom::measure {
namespace {

using kernels::ActivationKind;

ActivationKind kind_of(Activation activation) {
  switch (activation) {
    case Activation::gelu: return ActivationKind::gelu;
    case Activation::relu: return ActivationKind::relu;
    case Activation::swiglu: return ActivationKind::swiglu;
    case Activation::geglu: return ActivationKind::geglu;
  }
  return ActivationKind::gelu;
}

}  // namespace

void activate(const LayerSite& site, Tensor& gate, Tensor& up, Tensor& activated, const Pass& pass,
              std::string_view name) {
  const kernels::View gate_values = gate.view(), up_values = up.view();
  if (pass.keeps) {
    activated = site.run.memory.tensor({name, pass.category(Category::feed_forward)}, up_values.type,
                                       {up_values.batch, up_values.rows, up_values.width});
  } else {
    activated = std::move(gate ? gate : up);
  }
  site.run.backend.activation(kind_of(site.kind.activation), activated.view(), gate_values, up_values);
  if (!pass.keeps) up.dies();
}

void activation_backward(const LayerSite& site, Tensor& gate, Tensor& up, Tensor d_activated) {
  site.run.backend.activation_backward(kind_of(site.kind.activation), d_activated.view(), gate.view(), up.view());
  if (!gate) up = std::move(d_activated);
}

}  // namespace headroom::measure

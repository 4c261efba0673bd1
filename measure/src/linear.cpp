#include "linear.h"

#include <utility>

namespace headroom::measure {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

Write write_gradient(const Run& run, Parameter& parameter) {
  if (!parameter.gradient) {
    parameter.gradient =
        run.memory.tensor({parameter.kind, Category::gradients}, run.compute, {1, parameter.rows, parameter.width});
    parameter.is_written = false;
  }
  return std::exchange(parameter.is_written, true) ? Write::add : Write::set;
}

ConstView value_of(const std::optional<Parameter>& parameter) {
  return parameter ? ConstView(parameter->value.view()) : ConstView();
}

Tensor born_product(const Run& run, const Label& label, const ConstView& x, const Linear& linear) {
  Tensor out = run.activation(label, x.rows, linear.weight.width);
  forward(run, out.view(), x, linear);
  return out;
}

void forward(const Run& run, const View& out, const ConstView& x, const Linear& linear) {
  run.backend.product(out, x, linear.weight.value.view(), value_of(linear.bias), Write::set);
}

void forward_part(const Run& run, const View& out, const ConstView& x, const Linear& linear, Write write) {
  const ConstView bias = run.place.tensor_rank == 0 ? value_of(linear.bias) : ConstView();
  run.backend.product(out, x, linear.weight.value.view(), bias, write);
}

void weight_gradient(const Run& run, Parameter& weight, const ConstView& x, const ConstView& dy) {
  const Write write = write_gradient(run, weight);
  run.backend.weight_gradient(weight.gradient.view(), x, dy, write);
}

void weight_gradient(const Run& run, Linear& linear, const ConstView& x, const ConstView& dy) {
  weight_gradient(run, linear.weight, x, dy);
  if (!linear.bias) return;
  const Write write_bias = write_gradient(run, *linear.bias);
  run.backend.bias_gradient(linear.bias->gradient.view(), dy, write_bias);
}

void input_gradient(const Run& run, const View& dx, const ConstView& dy, const Linear& linear, Write write) {
  run.backend.product_transposed(dx, dy, linear.weight.value.view(), {}, write);
}

}  // namespace headroom::measure

#include "elementwise_rules.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// A segment of values that lives on the stack.
using Values = Eigen::Array<float, Eigen::Dynamic, 1, Eigen::ColMajor, kSegment, 1>;

constexpr float kGeluScale = 0.7978845608F;  // sqrt(2 / pi)
constexpr float kGeluCubic = 0.044715F;

enum class Curve : std::uint8_t { gelu, relu, silu };

Curve curve_of(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::gelu:
    case ActivationKind::geglu: return Curve::gelu;
    case ActivationKind::relu: return Curve::relu;
    case ActivationKind::swiglu: return Curve::silu;
  }
  return Curve::gelu;
}

Values gelu_tanh(const ConstFloats& x) { return (kGeluScale * (x + kGeluCubic * x.cube())).tanh(); }
Values sigmoid(const ConstFloats& x) { return (1 + (-x).exp()).inverse(); }

Values apply(Curve curve, const ConstFloats& x) {
  switch (curve) {
    case Curve::gelu: return 0.5F * x * (1 + gelu_tanh(x));
    case Curve::relu: return x.max(0.0F);
    case Curve::silu: return x * sigmoid(x);
  }
  return {};
}

Values gelu_derivative(const ConstFloats& x) {
  const Values t = gelu_tanh(x);
  return 0.5F * (1 + t) + 0.5F * x * (1 - t.square()) * kGeluScale * (1 + 3 * kGeluCubic * x.square());
}

Values silu_derivative(const ConstFloats& x) {
  const Values s = sigmoid(x);
  return s * (1 + x * (1 - s));
}

Values derivative(Curve curve, const ConstFloats& x) {
  switch (curve) {
    case Curve::gelu: return gelu_derivative(x);
    case Curve::relu: return (x > 0.0F).cast<float>();
    case Curve::silu: return silu_derivative(x);
  }
  return {};
}

void write_values(const View& v, std::int64_t row, std::int64_t column, const Values& values) {
  write_row(v, row, column, {values.data(), values.size()});
}

}  // namespace

void HostBackend::activation(ActivationKind kind, View out, ConstView gate, ConstView up) {
  check_activation(kind, out, gate, up, "activation");
  const Curve curve = curve_of(kind);
  for_each_segment(up, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b;
    const ConstFloats factor = read_row(up, row, column, n, a);
    if (gate) {
      write_values(out, row, column, apply(curve, read_row(gate, row, column, n, b)) * factor);
    } else {
      write_values(out, row, column, apply(curve, factor));
    }
  });
}

void HostBackend::activation_backward(ActivationKind kind, View d_out, View gate, View up) {
  check_activation(kind, d_out, gate, up, "activation_backward");
  const Curve curve = curve_of(kind);
  for_each_segment(up, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b, c;
    const ConstFloats gradient = read_row(d_out, row, column, n, a);
    const ConstFloats factor = read_row(up, row, column, n, b);
    if (!gate) return write_values(d_out, row, column, gradient * derivative(curve, factor));
    const ConstFloats x = read_row(gate, row, column, n, c);
    const Values d_gate = gradient * factor * derivative(curve, x);
    write_values(up, row, column, gradient * apply(curve, x));
    write_values(gate, row, column, d_gate);
  });
}

}  // namespace headroom::kernels::host

#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "elementwise_rules.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;

constexpr float kGeluScale = 0.7978845608F;  // sqrt(2 / pi)
constexpr float kGeluCubic = 0.044715F;

/// A curve and its derivative at one place.
struct Curve {
  float value = 0;
  float slope = 0;
};

HEADROOM_HD inline Curve gelu(float x) {
  const float t = std::tanh(kGeluScale * (x + kGeluCubic * x * x * x));
  const float inner = kGeluScale * (1 + 3 * kGeluCubic * x * x);
  // Where 1 - t^2 vanishes, x * inner may have overflowed.
  const float bend = t * t < 1 ? 0.5F * x * (1 - t * t) * inner : 0;
  return {0.5F * x * (1 + t), 0.5F * (1 + t) + bend};
}

HEADROOM_HD inline Curve silu(float x) {
  const float s = 1 / (1 + std::exp(-x));
  return {x * s, s * (1 + x * (1 - s))};
}

HEADROOM_HD inline Curve curve(ActivationKind kind, float x) {
  switch (kind) {
    case ActivationKind::gelu:
    case ActivationKind::geglu: return gelu(x);
    case ActivationKind::relu: return {x > 0 ? x : 0, x > 0 ? 1.0F : 0.0F};
    case ActivationKind::swiglu: return silu(x);
  }
  return {};
}

/// out = curve(up), or curve(gate) up.
struct Activate {
  ActivationKind kind = ActivationKind::gelu;
  View out;
  ConstView gate;
  ConstView up;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const auto read = [&](const ConstView& v) {
      return simt::load(v.type, v.data, simt::pack_of(v, entry, i, length, aligned));
    };
    Pack p = read(up);
    if (gate) {
      const Pack g = read(gate);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) p.v[j] *= curve(kind, g.v[j]).value;
    } else {
      HEADROOM_UNROLL
      for (float& value : p.v) value = curve(kind, value).value;
    }
    simt::store(out.type, out.data, simt::pack_of(out, entry, i, length, aligned), p);
  }
};

struct ActivateBackward {
  ActivationKind kind = ActivationKind::gelu;
  View d_out;
  View gate;
  View up;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const auto at = [&](const View& v) { return simt::pack_of(v, entry, i, length, aligned); };
    Pack d = simt::load(d_out.type, d_out.data, at(d_out));
    Pack u = simt::load(up.type, up.data, at(up));
    if (!gate) {
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) d.v[j] *= curve(kind, u.v[j]).slope;
      return simt::store(d_out.type, d_out.data, at(d_out), d);
    }
    Pack g = simt::load(gate.type, gate.data, at(gate));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      const Curve c = curve(kind, g.v[j]);
      g.v[j] = d.v[j] * u.v[j] * c.slope;
      u.v[j] = d.v[j] * c.value;
    }
    simt::store(up.type, up.data, at(up), u);
    simt::store(gate.type, gate.data, at(gate), g);
  }
};

}  // namespace

void CudaBackend::activation(ActivationKind kind, View out, ConstView gate, ConstView up) {
  check_activation(kind, out, gate, up, "activation");
  simt::launch_linear(stream_, up, Activate{kind, out, gate, up, simt::are_aligned(out, gate, up)});
}

void CudaBackend::activation_backward(ActivationKind kind, View d_out, View gate, View up) {
  check_activation(kind, d_out, gate, up, "activation_backward");
  simt::launch_linear(stream_, up, ActivateBackward{kind, d_out, gate, up, simt::are_aligned(d_out, gate, up)});
}

}  // namespace headroom::kernels::cuda

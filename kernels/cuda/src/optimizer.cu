#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "optimizer_rules.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;

HEADROOM_HD inline void write_parameter(const View& parameter, const View& master, std::int64_t entry, std::int64_t i,
                                        std::int64_t length, bool aligned, const Pack& p) {
  simt::store(parameter.type, parameter.data, simt::pack_of(parameter, entry, i, length, aligned), p);
  if (master) simt::store(master.type, master.data, simt::pack_of(master, entry, i, length, aligned), p);
}

struct AdamWStep {
  View parameter;
  View master;
  View first_moment;
  View second_moment;
  ConstView gradient;
  AdamW s;
  float inverse_first = 0;
  float inverse_second = 0;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const auto at = [&](const ConstView& v) { return simt::pack_of(v, entry, i, length, aligned); };
    const ConstView from = master ? ConstView(master) : ConstView(parameter);
    const Pack g = simt::load(gradient.type, gradient.data, at(gradient));
    Pack p = simt::load(from.type, from.data, at(from));
    Pack m = simt::load(first_moment.type, first_moment.data, at(first_moment));
    Pack v = simt::load(second_moment.type, second_moment.data, at(second_moment));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      m.v[j] = s.beta1 * m.v[j] + (1 - s.beta1) * g.v[j];
      v.v[j] = s.beta2 * v.v[j] + (1 - s.beta2) * g.v[j] * g.v[j];
      const float direction = m.v[j] * inverse_first / (std::sqrt(v.v[j] * inverse_second) + s.epsilon);
      p.v[j] -= s.learning_rate * (direction + s.weight_decay * p.v[j]);
    }
    simt::store(first_moment.type, first_moment.data, at(first_moment), m);
    simt::store(second_moment.type, second_moment.data, at(second_moment), v);
    write_parameter(parameter, master, entry, i, length, aligned, p);
  }
};

struct GradientStep {
  View parameter;
  View master;
  ConstView gradient;
  float learning_rate = 0;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const ConstView from = master ? ConstView(master) : ConstView(parameter);
    const Pack g = simt::load(gradient.type, gradient.data, simt::pack_of(gradient, entry, i, length, aligned));
    Pack p = simt::load(from.type, from.data, simt::pack_of(from, entry, i, length, aligned));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) p.v[j] -= learning_rate * g.v[j];
    write_parameter(parameter, master, entry, i, length, aligned, p);
  }
};

/// 1 / (1 - beta^step).
float inverse_bias(float beta, std::int64_t step) {
  return static_cast<float>(1 / (1 - std::pow(static_cast<double>(beta), static_cast<double>(step))));
}

}  // namespace

void CudaBackend::adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
                        const AdamW& settings) {
  check_adamw(parameter, master, first_moment, second_moment, gradient, settings);
  simt::launch_linear(
      stream_, parameter,
      AdamWStep{parameter, master, first_moment, second_moment, gradient, settings,
                inverse_bias(settings.beta1, settings.step), inverse_bias(settings.beta2, settings.step),
                simt::are_aligned(parameter, master, first_moment, second_moment, gradient)});
}

void CudaBackend::sgd(View parameter, View master, ConstView gradient, float learning_rate) {
  check_step(parameter, master, gradient, "sgd");
  simt::launch_linear(
      stream_, parameter,
      GradientStep{parameter, master, gradient, learning_rate, simt::are_aligned(parameter, master, gradient)});
}

}  // namespace headroom::kernels::cuda

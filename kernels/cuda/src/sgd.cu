#include <cstdint>

#include "cuda_backend.h"
#include "optimizer_rules.h"
#include "parameter_pack.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;

struct GradientStep {
  View parameter;
  View master;
  View momentum;
  ConstView gradient;
  Sgd s;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const auto at = [&](const ConstView& v) { return simt::pack_of(v, entry, i, length, aligned); };
    const ConstView from = stepping(parameter, master);
    Pack direction = simt::load(gradient.type, gradient.data, at(gradient));
    if (momentum) {
      const Pack before = simt::load(momentum.type, momentum.data, at(momentum));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) direction.v[j] += s.momentum * before.v[j];
      simt::store(momentum.type, momentum.data, at(momentum), direction);
    }
    Pack p = simt::load(from.type, from.data, at(from));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) p.v[j] -= s.learning_rate * direction.v[j];
    store_parameter(parameter, master, at(parameter), at(from), p);
  }
};

}  // namespace

void CudaBackend::sgd(View parameter, View master, View momentum, ConstView gradient, const Sgd& settings) {
  check_step(parameter, master, gradient, "sgd");
  check_momentum(momentum, parameter, "sgd");
  simt::launch_linear(stream_, parameter,
                      GradientStep{parameter, master, momentum, gradient, settings,
                                   simt::are_aligned(parameter, master, momentum, gradient)});
}

}  // namespace headroom::kernels::cuda

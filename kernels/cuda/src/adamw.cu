#include <cstdint>

#include "adamw_element.h"
#include "cuda_backend.h"
#include "parameter_pack.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;

struct AdamWStep {
  View parameter;
  View master;
  View first_moment;
  View second_moment;
  ConstView gradient;
  AdamWRates rates;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const auto at = [&](const ConstView& v) { return simt::pack_of(v, entry, i, length, aligned); };
    const ConstView from = stepping(parameter, master);
    const Pack g = simt::load(gradient.type, gradient.data, at(gradient));
    Pack p = simt::load(from.type, from.data, at(from));
    Pack m = simt::load(first_moment.type, first_moment.data, at(first_moment));
    Pack v = simt::load(second_moment.type, second_moment.data, at(second_moment));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) step_element(rates, g.v[j], p.v[j], m.v[j], v.v[j]);
    simt::store(first_moment.type, first_moment.data, at(first_moment), m);
    simt::store(second_moment.type, second_moment.data, at(second_moment), v);
    store_parameter(parameter, master, at(parameter), at(from), p);
  }
};

}  // namespace

void CudaBackend::adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
                        const AdamW& settings) {
  check_adamw(parameter, master, first_moment, second_moment, gradient, settings);
  simt::launch_linear(stream_, parameter,
                      AdamWStep{parameter, master, first_moment, second_moment, gradient, adamw_rates(settings),
                                simt::are_aligned(parameter, master, first_moment, second_moment, gradient)});
}

}  // namespace headroom::kernels::cuda

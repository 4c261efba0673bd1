#include <headroom/sim/published/transformer_math.h>

#include <headroom/models/checked.h>

namespace headroom::sim::published::transformer_math {

Rational states_3d(std::int64_t parameters, std::int64_t ranks, std::int64_t stages, std::int64_t tensor) {
  const Rational weights(checked_mul(2, parameters), checked_mul(stages, tensor));
  const Rational optimizer(checked_mul(12, parameters), ranks);
  const Rational gradients(checked_mul(2, parameters), stages);
  return weights + optimizer + gradients;
}

}  // namespace headroom::sim::published::transformer_math

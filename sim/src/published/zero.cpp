#include <headroom/sim/published/zero.h>

#include <headroom/models/checked.h>

namespace headroom::sim::published::zero {
namespace {

/// bytes a parameter that every rank holds, and those that the ranks share.
Rational states(std::int64_t parameters, std::int64_t own, std::int64_t shared, std::int64_t ranks) {
  return Rational(checked_mul(own, parameters)) + Rational(checked_mul(shared, parameters), ranks);
}

}  // namespace

Rational baseline(std::int64_t parameters) { return states(parameters, 4 + kOptimizerBytes, 0, 1); }
Rational stage1(std::int64_t parameters, std::int64_t ranks) { return states(parameters, 4, kOptimizerBytes, ranks); }
Rational stage2(std::int64_t parameters, std::int64_t ranks) {
  return states(parameters, 2, 2 + kOptimizerBytes, ranks);
}
Rational stage3(std::int64_t parameters, std::int64_t ranks) {
  return states(parameters, 0, 4 + kOptimizerBytes, ranks);
}

}  // namespace headroom::sim::published::zero

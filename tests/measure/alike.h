#pragma once

#include "bench.h"

namespace headroom::test {

/// A key bias moves all scores of a query alike unless positions rotate it: its gradient is zero but for rounding.
/// The gradient of a router's correction is zero: it has no say in the weights of a choice.
[[nodiscard]] bool is_always_zero(const Job& job, const std::string& name);

/// The same loss, output and gradients, each tensor by itself and none of them zero.
void check_alike(const Job& job, const Computed& actual, const Computed& expected, double tolerance);

/// Every variant of the job computes on this backend what it computes on the host.
void check_like_host(kernels::Backend& backend, measure::Resource& resource, const Job& job, double tolerance);

}  // namespace headroom::test

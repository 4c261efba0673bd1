#pragma once

#include <cstdint>

#include <headroom/models/rational.h>

/// Rajbhandari et al., "ZeRO" (arXiv 1910.02054), section 3 and figure 1: bytes of the model's states on one of `ranks`
/// (N_d) data-parallel ranks, mixed precision with Adam: 2 a parameter (Psi), 2 of gradient, K = 12 of optimizer. Exact
/// fractions.
namespace headroom::sim::published::zero {

inline constexpr std::int64_t kOptimizerBytes = 12;  ///< K: fp32 parameter, momentum, variance

[[nodiscard]] Rational baseline(std::int64_t parameters);                    ///< (2 + 2 + K)Psi = 16Psi
[[nodiscard]] Rational stage1(std::int64_t parameters, std::int64_t ranks);  ///< P_os: 4Psi + KPsi/N
[[nodiscard]] Rational stage2(std::int64_t parameters, std::int64_t ranks);  ///< P_os+g: 2Psi + (2 + K)Psi/N
[[nodiscard]] Rational stage3(std::int64_t parameters, std::int64_t ranks);  ///< P_os+g+p: (4 + K)Psi/N

}  // namespace headroom::sim::published::zero

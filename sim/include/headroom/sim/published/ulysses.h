#pragma once

#include <cstdint>

#include <headroom/models/rational.h>

/// Jacobs et al., "DeepSpeed Ulysses" (arXiv 2309.14509), section on communication: elements that a link carries a
/// layer, for a sequence of `seq` tokens (N in the paper) and a width of `hidden` (h).
namespace headroom::sim::published::ulysses {

/// Over `ranks` (P) ranks: 3Nh/P in front of attention and Nh/P behind it, together 4Nh/P.
[[nodiscard]] Rational link_elements(std::int64_t seq, std::int64_t hidden, std::int64_t ranks);
/// Megatron's sequence parallelism, two all-gathers and two reduce-scatters of Nh whatever the ranks: 4Nh.
[[nodiscard]] std::int64_t megatron_link_elements(std::int64_t seq, std::int64_t hidden);

}  // namespace headroom::sim::published::ulysses

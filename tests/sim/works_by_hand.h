#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <headroom/models/job.h>

namespace headroom::test {

/// A unit of parameters: a layer, or what is outside of them.
inline constexpr std::int64_t kEmbeddingUnit = -1;
inline constexpr std::int64_t kHeadUnit = -2;

/// The units of a micro-batch's works in order, written down one by one (docs/runtime.md 10.2, prefetch).
[[nodiscard]] std::vector<std::int64_t> units_of_works(const Recompute& recompute, std::int64_t layers);

/// What a prefetch depth makes of them.
struct UnitsOnDevice {
  std::vector<std::set<std::int64_t>> during;     ///< each work
  std::map<std::int64_t, std::int64_t> arrivals;  ///< of each unit
};
[[nodiscard]] UnitsOnDevice units_on_device(const std::vector<std::int64_t>& works, std::int64_t prefetch);

}  // namespace headroom::test

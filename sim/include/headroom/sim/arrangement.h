#pragma once

#include <cstdint>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_context.h>

namespace headroom::sim {

/// The largest number of devices that arrangements are looked for.
inline constexpr std::int64_t kMostDevices = std::int64_t{1} << 20;

/// Every way in which exactly `devices` ranks can run the job, by degrees that its model and method accept: those with
/// most sequence ranks first, then those with most tensor ranks. Tensor ranks are tried for
/// methods that share sequences over no ranks but those; else the job's own are kept, and always its pipeline stages:
/// how many there are decides how long they idle, which memory does not tell. Empty where the method
/// accepts none. Throws InputError where `devices` is not from 1 to kMostDevices.
[[nodiscard]] std::vector<Degrees> arrangements(const Job& job, std::int64_t devices);

/// The one of some ways to arrange devices that was chosen.
struct Arrangement {
  Degrees degrees;
  std::int64_t ways = 1;  ///< that it was chosen from
};

/// Of the arrangements, the one that gets furthest on `grid`, the first of equals. Where the job is refused by all of
/// them, or there is none, degrees with which a prediction says why. Throws InputError where `devices` is not from 1 to
/// kMostDevices, or no multiple of the tensor ranks and pipeline stages that arrangements keep.
[[nodiscard]] Arrangement furthest_arrangement(const Job& job, std::int64_t devices, const Grid& grid);
/// The same by the least device memory at the job's length.
[[nodiscard]] Arrangement leanest_arrangement(const Job& job, std::int64_t devices);

/// The same by the most sequences at a time at the job's length, over all data ranks.
[[nodiscard]] Arrangement busiest_arrangement(const Job& job, std::int64_t devices);

}  // namespace headroom::sim

#pragma once

#include <headroom/models/job.h>

namespace headroom::measure {

/// The job with every size as small as it goes, its axes and ranks as they are: what a measurement costs beside
/// tensors.
[[nodiscard]] Job emptied(Job job);

}  // namespace headroom::measure

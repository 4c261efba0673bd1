#pragma once

#include <vector>

#include "model/job_state.h"
#include "views/view.h"

namespace headroom::gui {

/// Every tab, in order, without parents.
[[nodiscard]] std::vector<View*> make_views(JobState& state);

}  // namespace headroom::gui

#pragma once

#include "run.h"

namespace headroom::measure {

/// Parameter by parameter, in place; each gradient dies behind its update. Where the optimizer's states or the
/// parameters live on the host, the update happens there (docs/runtime.md section 11). Parts that ranks have updated
/// are gathered.
void optimizer_step(const Run& run, Weights& weights);

}  // namespace headroom::measure

#pragma once

#include "run.h"

namespace headroom::measure {

/// Parameter by parameter, in place; each gradient dies behind its update. Where the optimizer's states or the
/// parameters live on the host, the update happens there (docs/runtime.md section 11). Parts that ranks have updated
/// are gathered. Nothing, where updates go in backward.
void optimizer_step(const Run& run, Weights& weights);

/// Behind a unit's backward: its gradients are handed out where they are sharded (docs/runtime.md section 10.2), and
/// its parameters updated where updates go in backward (section 2).
void finish_backward(const Run& run, const Unit& unit);

}  // namespace headroom::measure

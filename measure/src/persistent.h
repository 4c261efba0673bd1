#pragma once

#include "run.h"

namespace headroom::measure {

/// Births the values of the parameters alone.
void birth_parameters(const Run& run, Weights& weights);
/// Births what persists beside and with the parameters: values, master copies, the optimizer's states (docs/runtime.md
/// section 2).
void birth_persistent(const Run& run, Weights& weights);
/// Births all gradients, or their shards, not yet written: with accumulation, in front of the first forward.
void birth_gradients(const Run& run, Weights& weights);

}  // namespace headroom::measure

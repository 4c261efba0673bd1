#pragma once

#include "narration/inference.h"
#include "narration/step.h"

namespace headroom::sim {

/// Tells what the job's mode says.
template <class Listener>
void narrate(const StepPlan& plan, Listener& listener) {
  if (plan.job().mode == Mode::inference) return InferenceNarrator<Listener>(plan, listener).tell();
  StepNarrator<Listener>(plan, listener).tell();
}

}  // namespace headroom::sim

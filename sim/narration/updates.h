#pragma once

#include "narration/plan.h"
#include "narration/story.h"

namespace headroom::sim {

/// Tells how the optimizer updates a parameter, behind which its gradient dies: on the device, or where its states or
/// the parameter live on the host (docs/runtime.md 2 and 11).
template <class Listener>
class UpdateNarrator {
 public:
  explicit UpdateNarrator(Story<Listener>& story) : story_(story), states_(story.plan.fixed.states) {}

  void update(const Weight& weight) {
    const bool is_on_host = states_.states_on_host && (weight.states.count() > 0 || states_.parameters_on_host);
    if (is_on_host) story_.host_born(weight.host_gradient);
    story_.dies(states_.gradient(weight));
    if (!is_on_host) return;
    if (!states_.parameters_on_host) story_.host_born(weight.host_value);
    story_.host_dies(weight.host_gradient);
    if (!states_.parameters_on_host) story_.host_dies(weight.host_value);
  }

  /// Backward is done with a unit: for_each(f) calls f for its parameters, in order.
  template <class ForEach>
  void finish_unit(ForEach for_each) {
    if (states_.shards_gradients) for_each([this](const Weight& weight) { story_.hands_out(weight); });
    if (states_.updates_in_backward) for_each([this](const Weight& weight) { update(weight); });
  }

 private:
  Story<Listener>& story_;
  const StateKeeping& states_;
};

}  // namespace headroom::sim

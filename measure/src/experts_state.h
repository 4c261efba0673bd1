#pragma once

#include <headroom/kernels/experts.h>
#include <headroom/measure/tensor.h>

namespace headroom::measure {

/// Which experts some rows pass.
struct Choice {
  Tensor experts;
  Tensor places;
  Tensor weights;
  Tensor first;  ///< place of each expert

  [[nodiscard]] kernels::ExpertChoice views() const {
    return {experts.view(), places.view(), weights.view(), first.view()};
  }
  void dies() { *this = {}; }
};

struct SharedExpertState {
  Tensor gate;  ///< only with a gated activation
  Tensor up;
  Tensor activated;
  Tensor gate_values;  ///< only where its output has a gate
};

/// What a mixture of experts leaves of some rows, beside gate, up and the activated tensor of its places.
struct ExpertsState {
  Choice choice;
  Tensor outputs;
  SharedExpertState shared;  ///< only with a shared expert
};

}  // namespace headroom::measure

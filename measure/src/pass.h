#pragma once

#include <headroom/models/memory.h>
#include <headroom/models/method.h>

namespace headroom::measure {

/// How a pass over a layer goes (docs/runtime.md section 4).
struct Pass {
  bool keeps = false;         ///< leaves alive what backward reads
  bool is_forward = true;     ///< the step's forward, not a recompute: what it keeps is a saved activation
  bool keeps_scores = false;  ///< false under selective recompute

  /// The category of a tensor that the pass leaves alive if it keeps.
  [[nodiscard]] Category category(Category own) const {
    return keeps && is_forward ? Category::saved_activations : own;
  }
};

inline constexpr Pass kDiscard{false, true, false};
inline constexpr Pass kRecompute{true, false, true};

/// The forward pass of a job that recomputes like this.
[[nodiscard]] constexpr Pass forward_pass(RecomputeKind kind) {
  const bool keeps = kind == RecomputeKind::none || kind == RecomputeKind::selective;
  return {keeps, true, kind == RecomputeKind::none};
}

}  // namespace headroom::measure

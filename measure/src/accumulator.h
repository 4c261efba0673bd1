#pragma once

#include "run.h"

namespace headroom::measure {

/// A sum over several kernel calls (docs/runtime.md, rule 1.5): an fp32 tensor of the target's rows, whose rounded sum
/// the target takes at the end; where the compute dtype is fp32, the target's rows themselves.
class Accumulator {
 public:
  /// Birth of the accumulator, or of the target.
  Accumulator(const Run& run, const Target& target, const Label& label);

  [[nodiscard]] const kernels::View& sum() const { return sum_; }
  /// The target's rows, which are born now where they are not the sum itself.
  [[nodiscard]] kernels::View result() { return target_.open(run_); }
  void dies() { own_.dies(); }
  /// The target takes the rounded sum; the accumulator dies.
  void round();

 private:
  const Run& run_;
  Target target_;
  Tensor own_;
  kernels::View sum_;
};

}  // namespace headroom::measure

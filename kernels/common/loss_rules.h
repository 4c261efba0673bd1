#pragma once

#include "check.h"

// What the loss asks of its operands, on every backend.
namespace headroom::kernels {

inline constexpr const char* kTargetRule = "a target lies outside the vocabulary";

/// The values of the targets are checked where they can be read, by kTargetRule.
inline void check_cross_entropy(const ConstView& loss, const ConstView& logits, const ConstView& targets) {
  require_floating("cross_entropy", logits);
  require_fp32(loss, "cross_entropy", "the loss is not fp32");
  require(targets.type == Type::int32, "cross_entropy", "targets are not int32");
  require_shape(targets, logits.batch, logits.rows, 1, "cross_entropy", "targets and logits differ in number");
}

}  // namespace headroom::kernels

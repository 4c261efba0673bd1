#pragma once

#include "check.h"
#include "vocabulary_rules.h"

// What the loss asks of its operands, on every backend.
namespace headroom::kernels {

inline constexpr const char* kTargetRule = "a target lies outside the vocabulary";

/// The values of the targets are checked where they can be read, by kTargetRule.
inline void check_targets(const ConstView& logits, const ConstView& targets, const char* operation) {
  require(targets.type == Type::int32, operation, "targets are not int32");
  require_shape(targets, logits.batch, logits.rows, 1, operation, "targets and logits differ in number");
}

inline void check_cross_entropy(const ConstView& loss, const ConstView& logits, const ConstView& targets) {
  require_floating("cross_entropy", logits);
  require_fp32(loss, "cross_entropy", "the loss is not fp32");
  check_targets(logits, targets, "cross_entropy");
}

inline void check_logits_part(const ConstView& logits, const VocabularyPart& part, const char* operation) {
  require_floating(operation, logits);
  check_part(part, logits.width, operation, "the part of the vocabulary has more entries than the logits have columns");
}

/// One number for each row of the logits.
template <class... Views>
void check_row_statistics(const ConstView& logits, const char* operation, const Views&... statistics) {
  (require_fp32(statistics, operation, "statistics of rows are not fp32"), ...);
  (require_shape(statistics, logits.batch, logits.rows, 1, operation, "statistics of rows and logits differ in number"),
   ...);
}

inline void check_vocabulary_max(const ConstView& row_max, const ConstView& logits, const VocabularyPart& part) {
  check_logits_part(logits, part, "vocabulary_max");
  check_row_statistics(logits, "vocabulary_max", row_max);
}

inline void check_vocabulary_sums(const ConstView& row_sum, const ConstView& target_logit, const ConstView& logits,
                                  const ConstView& targets, const ConstView& row_max, const VocabularyPart& part) {
  check_logits_part(logits, part, "vocabulary_sums");
  check_targets(logits, targets, "vocabulary_sums");
  check_row_statistics(logits, "vocabulary_sums", row_sum, target_logit, row_max);
}

inline void check_vocabulary_cross_entropy(const ConstView& loss, const ConstView& logits, const ConstView& targets,
                                           const ConstView& row_max, const ConstView& row_sum,
                                           const ConstView& target_logit, const VocabularyPart& part) {
  constexpr const char* kOperation = "vocabulary_cross_entropy";
  check_logits_part(logits, part, kOperation);
  require_fp32(loss, kOperation, "the loss is not fp32");
  check_targets(logits, targets, kOperation);
  check_row_statistics(logits, kOperation, row_max, row_sum, target_logit);
}

}  // namespace headroom::kernels

#pragma once

#include "operand.h"

namespace headroom::test {

/// Cross-entropy of rows of logits, as many as targets, over `all_tokens`, as one number, in double precision.
[[nodiscard]] Values reference_loss(const Values& logits, const Values& targets, std::int64_t all_tokens);
/// Its gradient, (softmax - onehot) / all_tokens.
[[nodiscard]] Values reference_loss_gradient(const Values& logits, const Values& targets, std::int64_t all_tokens);

}  // namespace headroom::test

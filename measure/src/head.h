#pragma once

#include "run.h"

namespace headroom::measure {

/// What the head reads and births (docs/runtime.md section 8).
struct HeadSite {
  const Run& run;
  Weights& weights;
  const Tensor& targets;      ///< int32 [batch, seq, 1]
  Tensor& normed;             ///< the final norm's output; dies in the head
  Tensor& loss;               ///< born by the first cross-entropy
  Tensor& residual_gradient;  ///< born by the first product with W_head
};

/// From the final norm's output to the loss and the gradient of the norm's output. One object a way; none holds
/// anything.
class HeadWay {
 public:
  HeadWay() = default;
  HeadWay(const HeadWay&) = delete;
  HeadWay& operator=(const HeadWay&) = delete;
  virtual ~HeadWay() = default;

  virtual void run(const HeadSite& site) const = 0;
};

/// Logits of `rows` of the sequence.
[[nodiscard]] Tensor logits_of(const HeadSite& site, const Rows& rows, kernels::Type type);
/// Adds the rows' share to the loss; with `gradient` the logits become their gradient.
void add_loss(const HeadSite& site, const Tensor& logits, const Rows& rows, bool gradient);
/// The logits become their gradient, and the loss stays as it is.
void loss_gradient(const HeadSite& site, const Tensor& logits, const Rows& rows);
/// Adds to the gradients of W_head and its bias.
void head_weight_gradient(const HeadSite& site, const Tensor& d_logits, const Rows& rows);
/// The rows' residual gradient.
void head_input_gradient(const HeadSite& site, const Tensor& d_logits, const Rows& rows);

[[nodiscard]] const HeadWay& dense_fp32_head();
[[nodiscard]] const HeadWay& dense_head();
[[nodiscard]] const HeadWay& chunked_head();
[[nodiscard]] const HeadWay& fused_head();
[[nodiscard]] const HeadWay& head_way(Head head);

}  // namespace headroom::measure

#pragma once

#include "crossing.h"
#include "norm.h"

namespace headroom::measure {

inline constexpr NormLabels kFinalNorm{"final norm output", "final norm statistics", Category::head_and_loss};

/// What the head reads and births (docs/runtime.md section 8).
struct HeadSite {
  const Run& run;
  Weights& weights;
  const Tensor& targets;      ///< int32 [batch, tokens, 1] of what products see
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

/// What products read of `rows` of the final norm's output; with `dies` all of that dies.
[[nodiscard]] ProductInput head_input(const HeadSite& site, const Rows& rows, bool dies);
/// Logits of what products read, rows of the final norm's output.
[[nodiscard]] Tensor logits_of(const Run& run, const Weights& weights, const kernels::ConstView& x, kernels::Type type);
/// Adds the share of `rows` to the loss; with `gradient` the logits become their gradient.
void add_loss(const HeadSite& site, const Tensor& logits, const Rows& rows, bool gradient);
/// The logits become their gradient, and the loss stays as it is.
void loss_gradient(const HeadSite& site, const Tensor& logits, const Rows& rows);
/// Adds to the gradients of W_head and its bias.
void head_weight_gradient(const HeadSite& site, const Tensor& d_logits, const ProductInput& x);
/// The rows' residual gradient; the gradient of the logits dies.
void head_input_gradient(const HeadSite& site, Tensor& d_logits, const Rows& rows);

[[nodiscard]] const HeadWay& dense_fp32_head();
[[nodiscard]] const HeadWay& dense_head();
[[nodiscard]] const HeadWay& chunked_head();
[[nodiscard]] const HeadWay& fused_head();
[[nodiscard]] const HeadWay& head_way(Head head);

}  // namespace headroom::measure

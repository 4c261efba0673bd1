#pragma once

#include <headroom/models/method.h>

#include "attention.h"

namespace headroom::measure {

/// From q, k, v to o over the whole sequence, and back. One object a way; none holds anything.
class AttentionCore {
 public:
  AttentionCore() = default;
  AttentionCore(const AttentionCore&) = delete;
  AttentionCore& operator=(const AttentionCore&) = delete;
  virtual ~AttentionCore() = default;

  /// Births o; q, k and v die unless the pass keeps.
  virtual void forward(const LayerSite& site, AttentionState& state, const Pass& pass) const = 0;
  /// Whether backward reads o.
  [[nodiscard]] virtual bool reads_output() const = 0;
  /// Births the gradients of q, k and v; what the state holds of the core and the gradient of o die.
  virtual void backward(const LayerSite& site, AttentionState& state, AttentionGradients& gradients) const = 0;
};

/// Births o in compute dtype.
[[nodiscard]] Tensor attention_output(const LayerSite& site, std::int64_t rows, Category category);
/// [batch, heads, rows] in fp32.
[[nodiscard]] Tensor attention_rows(const LayerSite& site, std::string_view name, std::int64_t rows,
                                    Category category = Category::attention);
/// [batch * heads, rows, keys] in `type`.
[[nodiscard]] Tensor attention_scores(const LayerSite& site, const Label& label, kernels::Type type, std::int64_t rows,
                                      std::int64_t keys);
/// Labels and shapes of the gradients of q, k and v over some rows.
[[nodiscard]] Target query_gradient(const LayerSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows);
[[nodiscard]] Target key_gradient(const LayerSite& site, Tensor& tensor, std::int64_t rows);
[[nodiscard]] Target value_gradient(const LayerSite& site, Tensor& tensor, std::int64_t rows);

inline constexpr Label kQueryAccumulator{"accumulator of dq", Category::attention};
inline constexpr Label kKeyAccumulator{"accumulator of dk", Category::attention};
inline constexpr Label kValueAccumulator{"accumulator of dv", Category::attention};

[[nodiscard]] const AttentionCore& vanilla_core();
[[nodiscard]] const AttentionCore& flash_core();
[[nodiscard]] const AttentionCore& memory_efficient_core();
[[nodiscard]] const AttentionCore& attention_core(Attention attention);

}  // namespace headroom::measure

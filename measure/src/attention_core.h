#pragma once

#include <headroom/models/method.h>

#include "attention.h"
#include "core_site.h"

namespace headroom::measure {

/// From q, k, v to o, and back: a way to compute attention, or what surrounds one where ranks share a sequence. None
/// holds anything of a layer.
class AttentionCore {
 public:
  AttentionCore() = default;
  AttentionCore(const AttentionCore&) = delete;
  AttentionCore& operator=(const AttentionCore&) = delete;
  virtual ~AttentionCore() = default;

  /// Births o; q, k and v die unless the pass keeps.
  virtual void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const = 0;
  /// Whether backward reads o.
  [[nodiscard]] virtual bool reads_output() const = 0;
  /// Whether a pass that keeps leaves q as it was projected, and k and v.
  [[nodiscard]] virtual bool keeps_query() const { return true; }
  [[nodiscard]] virtual bool keeps_key_values() const { return true; }
  /// Births the gradients of q, k and v; what the state holds of the core and the gradient of o die.
  virtual void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const = 0;
};

/// Where rows of o go; `all_rows` of them.
[[nodiscard]] Target attention_output(const CoreSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows,
                                      const Pass& pass);
/// [batch, heads, rows] in fp32.
[[nodiscard]] Tensor attention_rows(const CoreSite& site, std::string_view name, std::int64_t rows,
                                    Category category = Category::attention);
/// [batch * heads, rows, keys] in `type`.
[[nodiscard]] Tensor attention_scores(const CoreSite& site, const Label& label, kernels::Type type, std::int64_t rows,
                                      std::int64_t keys);
/// Labels and shapes of the gradients of q, k and v over some rows.
[[nodiscard]] Target query_gradient(const CoreSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows);
[[nodiscard]] Target key_gradient(const CoreSite& site, Tensor& tensor, std::int64_t rows);
[[nodiscard]] Target value_gradient(const CoreSite& site, Tensor& tensor, std::int64_t rows);

inline constexpr Label kQueryAccumulator{"accumulator of dq", Category::attention};
inline constexpr Label kKeyAccumulator{"accumulator of dk", Category::attention};
inline constexpr Label kValueAccumulator{"accumulator of dv", Category::attention};

/// The inputs die.
void queries_and_keys_die(AttentionState& state);

[[nodiscard]] const AttentionCore& vanilla_core();
[[nodiscard]] const AttentionCore& flash_core();
[[nodiscard]] const AttentionCore& memory_efficient_core();
[[nodiscard]] const AttentionCore& attention_core(Attention attention);

}  // namespace headroom::measure

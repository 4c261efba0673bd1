#pragma once

#include "attention_core.h"

/// Ulysses' exchange of tokens for heads (docs/runtime.md section 10.1). A site is that of some tokens of this rank
/// with all heads; over heads it has the same tokens of all ranks of the Ulysses group and this rank's share of the
/// heads. Among one rank nothing is exchanged: a tensor is the one over heads.
namespace headroom::measure {

[[nodiscard]] CoreSite site_over_heads(const CoreSite& site);

/// A tensor of the rank's tokens becomes the one over heads, `width` wide.
void to_heads(const CoreSite& site, Tensor& tensor, const Label& label, std::int64_t width);
/// q, k and v become those over heads, in this order.
void queries_and_keys_to_heads(const CoreSite& site, AttentionState& state, Category category);
/// o of the rank's tokens, of the one over heads, which stays.
[[nodiscard]] Tensor output_of_tokens(const CoreSite& site, const Tensor& over_heads, Category category);
/// The gradients of q, k and v over heads become those of the rank's tokens.
void gradients_to_tokens(const CoreSite& site, AttentionGradients& gradients);

}  // namespace headroom::measure

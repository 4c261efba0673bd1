#pragma once

#include <cstdint>

#include <headroom/models/bytes.h>

/// Formulas as papers print them, typed once. They are oracles for tests and a column in reports, never the model.
namespace headroom::sim::published {

/// The papers' symbols, in their meaning: heads share the hidden width (a * d = h), feed-forward is 4h wide.
struct Symbols {
  std::int64_t b = 1;  ///< sequences per micro-batch
  std::int64_t s = 0;  ///< tokens of a sequence
  std::int64_t h = 0;  ///< hidden width
  std::int64_t a = 0;  ///< attention heads (n in the Ring paper)
  std::int64_t L = 0;  ///< layers
  std::int64_t v = 0;  ///< vocabulary
  std::int64_t c = 0;  ///< block size in tokens
};

/// Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models" (arXiv 2205.05198): bytes kept
/// for backward, 16-bit activations, one-byte dropout masks, one device (t = p = 1).
namespace korthikanti {
[[nodiscard]] Bytes attention(const Symbols& x);             ///< section 4.1: 11sbh + 5as^2b
[[nodiscard]] Bytes mlp(const Symbols& x);                   ///< section 4.1: 19sbh
[[nodiscard]] Bytes layer_norms(const Symbols& x);           ///< section 4.1: 4sbh
[[nodiscard]] Bytes layer(const Symbols& x);                 ///< equation 1: sbh(34 + 5as/h)
[[nodiscard]] Bytes layer_selective(const Symbols& x);       ///< section 5, table 2 with t = 1: 34sbh
[[nodiscard]] Bytes layer_full_recompute(const Symbols& x);  ///< table 2: 2sbh
[[nodiscard]] Bytes outside_layers(const Symbols& x);        ///< section 4.3 with t = p = 1: sbhL(1/L)(1 + 4(1 + v/h))
}  // namespace korthikanti

/// Liu et al., "Ring Attention with Blockwise Transformers" (arXiv 2310.01889), table 1: largest activation of a layer
/// in bytes, bf16, full checkpointing. The vanilla row's printed total, 2bhs^2, is a misprint of 2bns^2, the sum of its
/// own cells' leading term; total() is the larger of the two cells, as in the other rows.
namespace ring_table1 {
struct Row {
  Bytes self_attention;
  Bytes feed_forward;
  [[nodiscard]] Bytes total() const { return self_attention > feed_forward ? self_attention : feed_forward; }
};
[[nodiscard]] Row vanilla(const Symbols& x);               ///< 2bns^2 | 8bsh
[[nodiscard]] Row memory_efficient(const Symbols& x);      ///< 2bsh + 4bch | 8bsh
[[nodiscard]] Row memory_efficient_ffn(const Symbols& x);  ///< 2bsh | 2bsh (blockwise parallel transformer)
}  // namespace ring_table1

}  // namespace headroom::sim::published

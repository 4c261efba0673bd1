#pragma once

#include <headroom/models/bytes.h>
#include <headroom/models/rational.h>
#include <headroom/sim/published/symbols.h>

/// Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models" (arXiv 2205.05198): bytes kept
/// for backward, 16-bit activations, one-byte dropout masks. What is divided by degrees is an exact fraction, whole
/// where they divide.
namespace headroom::sim::published::korthikanti {

[[nodiscard]] Bytes attention(const Symbols& x);    ///< section 4.1: 11sbh + 5as^2b
[[nodiscard]] Bytes mlp(const Symbols& x);          ///< section 4.1: 19sbh
[[nodiscard]] Bytes layer_norms(const Symbols& x);  ///< section 4.1: 4sbh

/// Table 2, bytes a layer.
[[nodiscard]] Bytes layer(const Symbols& x);                               ///< no parallelism: sbh(34 + 5as/h)
[[nodiscard]] Rational layer_tensor(const Symbols& x);                     ///< sbh(10 + 24/t + 5as/(ht))
[[nodiscard]] Rational layer_tensor_sequence(const Symbols& x);            ///< sbh(34/t + 5as/(ht))
[[nodiscard]] Rational layer_tensor_selective(const Symbols& x);           ///< sbh(10 + 24/t)
[[nodiscard]] Rational layer_tensor_sequence_selective(const Symbols& x);  ///< sbh(34/t)
[[nodiscard]] Bytes layer_full_recompute(const Symbols& x);                ///< sbh(2)
[[nodiscard]] Bytes layer_selective(const Symbols& x);                     ///< section 5, with t = 1: 34sbh

/// Section 4.2.3: the first pipeline stage with tensor and sequence parallelism, whatever p: (sbhL/t)(34 + 5as/h).
[[nodiscard]] Rational first_stage(const Symbols& x);
/// Section 4.2.3: what the interleaved schedule multiplies that by, with m > 1 chunks: 1 + (p-1)/(pm).
[[nodiscard]] Rational interleaving(const Symbols& x);
/// Figure 7: L layers of `layer` on the first stage, times interleaving() where the schedule interleaves, which is m
/// > 1.
[[nodiscard]] Rational stage(const Rational& layer, const Symbols& x);
/// Section 4.3: embedding dropout and, for p = 1 alone, final layer norm, head input and fp32 logits:
/// (sbhL/t)(p/L + [p = 1](4/L)(1 + v/h)).
[[nodiscard]] Rational extra_terms(const Symbols& x);
/// The same with t = p = 1: sbhL(1/L)(1 + 4(1 + v/h)).
[[nodiscard]] Bytes outside_layers(const Symbols& x);
/// Appendix B: what freeing each micro-batch's output tensor saves on the first stage, p of them in flight: 2sbhp.
[[nodiscard]] Bytes freed_outputs(const Symbols& x);

/// The parameters that its count of FLOPs, 72BLsh^2(1 + s/(6h) + v/(12hL)), is made for: 12Lh^2 + vh.
[[nodiscard]] std::int64_t parameters(const Symbols& x);
/// Figure 1: parameters and optimizer state of one rank, 18 bytes a parameter (2 of fp16, 4 of fp32 gradient, 4 of fp32
/// copy, 8 of Adam): 18(12Lh^2 + vh)/(tp).
[[nodiscard]] Rational model_states(const Symbols& x);

}  // namespace headroom::sim::published::korthikanti

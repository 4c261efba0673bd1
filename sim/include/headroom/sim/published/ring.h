#pragma once

#include <headroom/models/bytes.h>
#include <headroom/models/rational.h>
#include <headroom/sim/published/symbols.h>

namespace headroom::sim::published {

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
/// 6bch | 2bch as printed. Section 3 counts six blocks of b x c x h, so these are elements that the caption calls
/// bytes; ring::blocks is the row in bytes.
[[nodiscard]] Row ring(const Symbols& x);
}  // namespace ring_table1

/// The same paper, section 3.
namespace ring {
/// Bytes of the six blocks that a device holds, one of queries, two of keys and values, two that arrive, one of output:
/// 6bch elements of `bytes_per_element` each.
[[nodiscard]] Bytes blocks(const Symbols& x, std::int64_t bytes_per_element);
/// Tokens c of the smallest block whose 4dc^2 FLOPs last as long as sending its keys and values, 4cd bytes: F/B, exact.
/// `flops` F in FLOP/s, `bandwidth` B in bytes/s to the neighbour, one direction, both positive.
[[nodiscard]] Rational minimal_block(std::int64_t flops, std::int64_t bandwidth);
/// Appendix D: FLOPs of a layer's forward for one token of a sequence of x.s, (24bsh^2 + 4bs^2h)/(bs) = 24h^2 + 4sh.
[[nodiscard]] std::int64_t flops_per_token(const Symbols& x);
/// Tokens of the shortest sequence on a device: s = 6c, exact.
[[nodiscard]] Rational minimal_sequence(std::int64_t flops, std::int64_t bandwidth);
}  // namespace ring

}  // namespace headroom::sim::published

#pragma once

#include <headroom/models/bytes.h>
#include <headroom/sim/published/symbols.h>

/// Dao et al., "FlashAttention" (arXiv 2205.14135 v2), table 21: memory of attention alone, forward and backward, fp16,
/// neither dropout nor mask. The paper prints numbers; these are the counts of tensors that agree with all of them.
namespace headroom::sim::published::flash_table21 {

/// Four fp16 tensors of b x a x s x s and ten of b x s x h: 8bas^2 + 20bsh.
[[nodiscard]] Bytes pytorch(const Symbols& x);
/// Eleven fp16 tensors of b x s x h, two fp32 numbers a row and head (logsumexp, sum of dO * O) and, where the sequence
/// is longer than the kernel's block of keys, the fp32 sums of dQ: 22bsh + 8bas, then 26bsh + 8bas.
[[nodiscard]] Bytes flash(const Symbols& x);
/// Keys of a block in the released kernel: 256 for heads of up to 64, else 128.
[[nodiscard]] std::int64_t key_block(const Symbols& x);

}  // namespace headroom::sim::published::flash_table21

#pragma once

#include <headroom/kernels/attention.h>

#include "simt/stream.h"

namespace headroom::kernels::cuda {

// Blockwise attention whose scores stay in the kernel: the tile loops of flash attention, with the running state loaded
// in front and stored behind. Operands have been checked.

/// Takes one key block into row_max, row_sum and sums; v and sums may both be empty. Queries that read none of the keys
/// keep their state.
void add_block(simt::Stream stream, const RunningAttention& running, ConstView q, ConstView k, ConstView v,
               const AttentionBlock& block);

/// dq, dk, dv += the gradients of one key block, all fp32.
void block_backward(simt::Stream stream, View dq, View dk, View dv, const AttentionSaved& saved,
                    const AttentionBlock& block);

}  // namespace headroom::kernels::cuda

#pragma once

#include <headroom/kernels/attention.h>

#include "simt/stream.h"

namespace headroom::kernels::cuda {

/// Takes one key block into the running statistics, with score tiles in shared memory alone; see Backend::blocks_add.
/// The operands are checked. v and running.sums may both be empty.
void add_block(simt::Stream stream, const RunningAttention& running, ConstView q, ConstView k, ConstView v,
               const AttentionBlock& block);

/// dq, dk, dv += the gradients of one key block, likewise; see Backend::blocks_backward.
void block_backward(simt::Stream stream, View dq, View dk, View dv, const AttentionSaved& saved,
                    const AttentionBlock& block);

}  // namespace headroom::kernels::cuda

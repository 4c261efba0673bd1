#include "attention_kernels.h"
#include "block_attention.h"
#include "cuda_backend.h"

namespace headroom::kernels::cuda {

void CudaBackend::flash(View out, View lse, ConstView q, ConstView k, ConstView v, const AttentionBlock& block) {
  check_flash(out, lse, q, k, v, block.heads);
  attention_forward(stream_, {geometry_of(block, q, k), q, k, v, out, lse, {}});
}

void CudaBackend::flash_backward(View dq, View dk, View dv, Write write_kv, const AttentionSaved& saved,
                                 const AttentionBlock& block) {
  check_attention_backward(dq, dk, dv, saved, block.heads);
  zero(dq);
  attention_backward(stream_, {geometry_of(block, saved.q, saved.k), saved, dq, dk, dv, write_kv});
}

void add_block(simt::Stream stream, const RunningAttention& running, ConstView q, ConstView k, ConstView v,
               const AttentionBlock& block) {
  attention_forward(stream, {geometry_of(block, q, k), q, k, v, {}, {}, running});
}

void block_backward(simt::Stream stream, View dq, View dk, View dv, const AttentionSaved& saved,
                    const AttentionBlock& block) {
  attention_backward(stream, {geometry_of(block, saved.q, saved.k), saved, dq, dk, dv, Write::add});
}

}  // namespace headroom::kernels::cuda

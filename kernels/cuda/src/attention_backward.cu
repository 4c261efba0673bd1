#include "attention_kernels.h"
#include "general_backward.h"
#include "tensor_backward.h"

namespace headroom::kernels::cuda {

void attention_backward(simt::Stream stream, const BackwardCall& call) {
  const AttentionSaved& saved = call.saved;
  const bool suits = suits_tensor_cores(saved.q) && suits_tensor_cores(saved.k) && suits_tensor_cores(saved.v) &&
                     suits_tensor_cores(saved.d_out) && is_aligned(call.dq) && is_aligned(call.dk) &&
                     is_aligned(call.dv);
  if (suits && launch_on_tensor_cores<TensorBackward>(stream, call)) return;
  launch_attention(stream, GeneralBackward{call});
}

}  // namespace headroom::kernels::cuda

#include "attention_kernels.h"
#include "general_forward.h"
#include "tensor_forward.h"

namespace headroom::kernels::cuda {

void attention_forward(simt::Stream stream, const ForwardCall& call) {
  const bool suits = suits_tensor_cores(call.q) && suits_tensor_cores(call.k) && suits_tensor_cores(call.v) &&
                     is_aligned(call.out) && is_aligned(call.running.sums);
  if (suits && launch_on_tensor_cores<TensorForward>(stream, call)) return;
  launch_attention(stream, GeneralForward{call});
}

}  // namespace headroom::kernels::cuda

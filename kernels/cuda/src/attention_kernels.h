#pragma once

#include "attention_call.h"
#include "attention_operands.h"
#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// Starts the forward kernel that fits the operands, which have been checked.
void attention_forward(simt::Stream stream, const ForwardCall& call);
/// Starts the backward kernel that fits the operands, which have been checked.
void attention_backward(simt::Stream stream, const BackwardCall& call);

/// Starts a kernel that may have nothing to do.
template <class Kernel>
void launch_attention(simt::Stream stream, const Kernel& kernel) {
  const simt::LaunchShape shape = kernel.shape();
  if (shape.blocks.x > 0) simt::launch(stream, shape, kernel);
}

/// Starts the kernel for tensor cores if there is one for the head size.
template <template <int, bool> class Kernel, class Call>
[[nodiscard]] bool launch_on_tensor_cores(simt::Stream stream, const Call& call) {
  const auto launch = [&]<int kHeadDim>() {
    if (call.geometry.dropout) {
      launch_attention(stream, Kernel<kHeadDim, true>{call});
    } else {
      launch_attention(stream, Kernel<kHeadDim, false>{call});
    }
    return true;
  };
  switch (call.geometry.head_dim) {
    case 64: return launch.template operator()<64>();
    case 80: return launch.template operator()<80>();
    case 96: return launch.template operator()<96>();
    case 128: return launch.template operator()<128>();
    default: return false;
  }
}

}  // namespace headroom::kernels::cuda

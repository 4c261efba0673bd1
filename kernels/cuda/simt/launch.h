#pragma once

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "launch_shape.h"
#include "stream.h"
#include "thread.h"

#if !defined(HEADROOM_EMULATED)
#include <cuda_runtime.h>

#include <headroom/kernels/cuda/cuda_check.h>
#else
#include "emulated_block.h"
#endif

namespace headroom::kernels::simt {

/// A kernel is a struct of its arguments with
///   static constexpr int kThreads, kMinBlocks;   threads of a block at most, blocks that should fit a multiprocessor
///   HEADROOM_DEVICE void operator()(Thread& thread) const;
#if !defined(HEADROOM_EMULATED)

#define HEADROOM_DEVICE __device__

inline constexpr std::string_view kPlatform = "cuda";

/// Copies device memory to the processor's, behind everything asked for so far.
inline void read_back(Stream stream, void* to, const void* from, std::size_t bytes) {
  HEADROOM_CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream));
  HEADROOM_CUDA(cudaStreamSynchronize(stream));
}

template <class Kernel>
__global__ void __launch_bounds__(Kernel::kThreads, Kernel::kMinBlocks) run(const __grid_constant__ Kernel kernel) {
  Thread thread;
  kernel(thread);
}

/// Starts a grid, unless it is empty; throws CudaError where it cannot start.
template <class Kernel>
void launch(Stream stream, const LaunchShape& shape, const Kernel& kernel) {
  if (shape.is_empty()) return;
  constexpr int kSharedWithoutAsking = 48 << 10;
  if (shape.shared_bytes > kSharedWithoutAsking) {
    HEADROOM_CUDA(cudaFuncSetAttribute(run<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize, shape.shared_bytes));
  }
  const dim3 grid(static_cast<unsigned>(shape.blocks.x), static_cast<unsigned>(shape.blocks.y),
                  static_cast<unsigned>(shape.blocks.z));
  run<Kernel>
      <<<grid, static_cast<unsigned>(shape.threads), static_cast<std::size_t>(shape.shared_bytes), stream>>>(kernel);
  HEADROOM_CUDA(cudaGetLastError());
}

#else

#define HEADROOM_DEVICE

inline constexpr std::string_view kPlatform = "cuda emulated";

inline void read_back(Stream /*stream*/, void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}

template <class Kernel>
void launch(Stream /*stream*/, const LaunchShape& shape, const Kernel& kernel) {
  static_assert(Kernel::kMinBlocks >= 1);
  if (shape.threads > Kernel::kThreads) throw std::logic_error("more threads than the kernel was compiled for");
  emulate(shape, [&kernel](Thread& thread) { kernel(thread); });
}

#endif

}  // namespace headroom::kernels::simt

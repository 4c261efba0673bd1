#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <cuda_runtime_api.h>

#include <headroom/kernels/backend.h>

namespace headroom::kernels {

/// Bytes of device memory for cuBLASLt and for kernels that sum in parts, whatever the shapes.
inline constexpr std::size_t kCudaWorkspace = std::size_t{32} << 20U;

/// A CUDA device as a backend: everything runs in order on `stream`. `workspace` is kCudaWorkspace bytes of device
/// memory, aligned to 256, and outlives the backend. bf16 attention and products run on the tensor cores with fp32
/// sums; fp32 runs in fp32. Failures of kernels may show at a later call or at synchronize(). Throws
/// std::invalid_argument where the workspace is too small or not aligned, CudaError where the device cannot be used.
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend(cudaStream_t stream, std::span<std::byte> workspace);

}  // namespace headroom::kernels

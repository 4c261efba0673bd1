#include <headroom/kernels/cuda/cuda.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

#include "cublas_products.h"
#include "cuda_backend.h"

namespace headroom::kernels {

std::unique_ptr<Backend> make_cuda_backend(cudaStream_t stream, std::span<std::byte> workspace) {
  constexpr std::uintptr_t kAlignment = 256;
  if (workspace.size() < kCudaWorkspace)
    throw std::invalid_argument("kernels: the workspace is smaller than kCudaWorkspace");
  if (reinterpret_cast<std::uintptr_t>(workspace.data()) % kAlignment != 0) {
    throw std::invalid_argument("kernels: the workspace is not aligned to 256 bytes");
  }
  auto products = cuda::make_cublas_products(stream, workspace.subspan(cuda::CudaBackend::kFaultBytes));
  return std::make_unique<cuda::CudaBackend>(stream, std::move(products), workspace);
}

}  // namespace headroom::kernels

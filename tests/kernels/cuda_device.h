#pragma once

#include <memory>

#include <headroom/kernels/cuda/cuda.h>
#include <headroom/kernels/cuda/cuda_check.h>

#include "device.h"

namespace headroom::test {

/// The first CUDA device, on a stream of its own.
class CudaDevice final : public Device {
 public:
  CudaDevice() {
    HEADROOM_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    HEADROOM_CUDA(cudaMalloc(&workspace_, kernels::kCudaWorkspace));
    backend_ = kernels::make_cuda_backend(stream_, {static_cast<std::byte*>(workspace_), kernels::kCudaWorkspace});
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;
  ~CudaDevice() override {
    backend_.reset();
    (void)cudaFree(workspace_);
    (void)cudaStreamDestroy(stream_);
  }

  [[nodiscard]] kernels::Backend& backend() override { return *backend_; }
  [[nodiscard]] void* allocate(std::size_t bytes) override {
    void* memory = nullptr;
    HEADROOM_CUDA(cudaMalloc(&memory, bytes));
    return memory;
  }
  void release(void* memory) override { (void)cudaFree(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes, cudaMemcpyHostToDevice); }
  void download(void* to, const void* from, std::size_t bytes) override {
    copy(to, from, bytes, cudaMemcpyDeviceToHost);
  }

 private:
  /// In the order of the stream, so that kernels in front of a download are waited for.
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    HEADROOM_CUDA(cudaMemcpyAsync(to, from, bytes, kind, stream_));
    HEADROOM_CUDA(cudaStreamSynchronize(stream_));
  }

  cudaStream_t stream_ = nullptr;
  void* workspace_ = nullptr;
  std::unique_ptr<kernels::Backend> backend_;
};

}  // namespace headroom::test

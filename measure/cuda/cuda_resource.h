#pragma once

#include <cstdint>
#include <optional>

#include <cuda_runtime_api.h>

#include <headroom/measure/resource.h>
#include <headroom/models/bytes.h>

#include "device.h"

namespace headroom::measure::cuda {

/// A device's memory: one stream-ordered allocation a tensor, from a pool of its own that gives nothing back while it
/// lives. Every block is filled with 0xFF at birth, in the order of the stream, which is NaN in fp32 and bf16.
/// Failures of a death show at the next call.
class CudaResource : public Resource {
 public:
  /// On the current device. The stream outlives the resource.
  CudaResource(const CudaDevice& device, cudaStream_t stream);
  CudaResource(const CudaResource&) = delete;
  CudaResource& operator=(const CudaResource&) = delete;
  ~CudaResource() override;

  [[nodiscard]] void* allocate(std::int64_t bytes) override;
  void deallocate(void* block, std::int64_t bytes) noexcept override;
  /// From any thread.
  void upload(void* block, const void* from, std::int64_t bytes) override;
  void download(void* to, const void* block, std::int64_t bytes) override;

  [[nodiscard]] cudaMemPool_t pool() const { return pool_; }
  /// The address of the first block ever.
  [[nodiscard]] std::optional<std::uint64_t> first_block() const { return first_block_; }
  /// Largest sums so far: handed out, rounded as the pool rounds, and held.
  [[nodiscard]] Bytes used_high() const { return attribute(cudaMemPoolAttrUsedMemHigh); }
  [[nodiscard]] Bytes reserved_high() const { return attribute(cudaMemPoolAttrReservedMemHigh); }
  /// The least free memory of the device so far; the pool holds what it ever held, so reading it behind a run will do.
  [[nodiscard]] Bytes least_free();

 private:
  [[nodiscard]] Bytes attribute(cudaMemPoolAttr which) const;
  [[nodiscard]] cudaError_t try_allocate(void** block, std::size_t bytes);

  CudaDevice device_;
  cudaStream_t stream_;
  cudaMemPool_t pool_ = nullptr;
  cudaError_t failed_death_ = cudaSuccess;
  std::optional<std::uint64_t> first_block_;
  std::optional<Bytes> least_free_;
};

}  // namespace headroom::measure::cuda

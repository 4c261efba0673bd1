#include "cuda_resource.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include <headroom/kernels/cuda/cuda_check.h>

namespace headroom::measure::cuda {
namespace {

constexpr int kNaNByte = 0xFF;

cudaMemPool_t make_pool(int device) {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;  // what CUDA calls ordinary device memory
  properties.location = {cudaMemLocationTypeDevice, device};
  cudaMemPool_t pool = nullptr;
  HEADROOM_CUDA(cudaMemPoolCreate(&pool, &properties));
  return pool;
}

}  // namespace

CudaResource::CudaResource(const CudaDevice& device, cudaStream_t stream)
    : device_(device), stream_(stream), pool_(make_pool(device.index)) {
  std::uint64_t keeps_all = UINT64_MAX;
  HEADROOM_CUDA(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keeps_all));
}

CudaResource::~CudaResource() {
  (void)cudaStreamSynchronize(stream_);
  (void)cudaMemPoolDestroy(pool_);
}

cudaError_t CudaResource::try_allocate(void** block, std::size_t bytes) {
  const cudaError_t error = cudaMallocFromPoolAsync(block, bytes, pool_, stream_);
  if (error == cudaErrorMemoryAllocation) (void)cudaGetLastError();  // it is no failure of the next call
  return error;
}

void* CudaResource::allocate(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes);
  HEADROOM_CUDA(failed_death_);
  void* block = nullptr;
  cudaError_t error = try_allocate(&block, size);
  if (error == cudaErrorMemoryAllocation) {
    // What the pool holds in pieces may be enough in one piece.
    (void)least_free();
    HEADROOM_CUDA(cudaStreamSynchronize(stream_));
    HEADROOM_CUDA(cudaMemPoolTrimTo(pool_, 0));
    error = try_allocate(&block, size);
  }
  if (error == cudaErrorMemoryAllocation) {
    throw RefusedAllocation(fmt::format("the device says: {}", cudaGetErrorString(error)));
  }
  HEADROOM_CUDA(error);
  if (!first_block_) first_block_ = std::bit_cast<std::uintptr_t>(block);
  HEADROOM_CUDA(cudaMemsetAsync(block, kNaNByte, size, stream_));
  return block;
}

void CudaResource::deallocate(void* block, std::int64_t /*bytes*/) noexcept {
  const cudaError_t error = cudaFreeAsync(block, stream_);
  if (failed_death_ == cudaSuccess) failed_death_ = error;
}

void CudaResource::upload(void* block, const void* from, std::int64_t bytes) {
  HEADROOM_CUDA(cudaSetDevice(device_.index));  // each thread begins on device 0
  HEADROOM_CUDA(cudaMemcpyAsync(block, from, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice, stream_));
  HEADROOM_CUDA(cudaStreamSynchronize(stream_));
}

void CudaResource::download(void* to, const void* block, std::int64_t bytes) {
  HEADROOM_CUDA(cudaMemcpyAsync(to, block, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost, stream_));
  HEADROOM_CUDA(cudaStreamSynchronize(stream_));
}

Bytes CudaResource::least_free() {
  const Bytes free = read_memory().free;
  least_free_ = std::min(least_free_.value_or(free), free);
  return *least_free_;
}

Bytes CudaResource::attribute(cudaMemPoolAttr which) const {
  std::uint64_t bytes = 0;
  HEADROOM_CUDA(cudaMemPoolGetAttribute(pool_, which, &bytes));
  return Bytes(static_cast<std::int64_t>(bytes));
}

}  // namespace headroom::measure::cuda

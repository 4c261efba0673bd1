#pragma once

#include <mutex>

#include <cuda_runtime_api.h>
#include <cupti.h>

#include <headroom/measure/address_map.h>

namespace headroom::measure::cuda {

/// Counts device memory by the arguments of the driver's calls: requested bytes, whatever the allocator makes of them.
class DriverCalls {
 public:
  /// Of this pool from now on; everything else is `other`.
  void watch(cudaMemPool_t pool);
  /// One call that succeeded. Does not throw: it is called inside the driver.
  void see(CUpti_CallbackId call, const void* arguments) noexcept;

  [[nodiscard]] Bytes peak() const;
  [[nodiscard]] Bytes other_peak() const;
  /// Whether every call could be counted.
  [[nodiscard]] bool is_complete() const;

  /// The calls that see() understands.
  static constexpr CUpti_CallbackId kCalls[] = {
      CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2,
      CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2,
      CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync,
      CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz,
      CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync,
      CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz,
      CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync,
      CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz,
      CUPTI_DRIVER_TRACE_CBID_cuMemCreate,
      CUPTI_DRIVER_TRACE_CBID_cuMemRelease,
  };

 private:
  void count(CUpti_CallbackId call, const void* arguments);
  void death(std::uint64_t address);

  mutable std::mutex mutex_;
  cudaMemPool_t pool_ = nullptr;
  AddressMap tensors_;
  AddressMap other_;
  AddressMap mapped_;  ///< by handle, not by address
  Bytes other_peak_;
  bool is_complete_ = true;
};

}  // namespace headroom::measure::cuda

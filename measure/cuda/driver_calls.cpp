#include "driver_calls.h"

#include <algorithm>

#include <cuda.h>

namespace headroom::measure::cuda {
namespace {

template <class Arguments>
const Arguments& as(const void* arguments) {
  return *static_cast<const Arguments*>(arguments);
}

Bytes bytes_of(std::size_t count) { return Bytes(static_cast<std::int64_t>(count)); }

}  // namespace

void DriverCalls::watch(cudaMemPool_t pool) {
  const std::lock_guard lock(mutex_);
  pool_ = pool;
}

void DriverCalls::see(CUpti_CallbackId call, const void* arguments) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    count(call, arguments);
    other_peak_ = std::max(other_peak_, other_.live() + mapped_.live());
  } catch (...) {
    is_complete_ = false;
  }
}

void DriverCalls::count(CUpti_CallbackId call, const void* arguments) {
  switch (call) {
    case CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2: {
      const auto& a = as<cuMemAlloc_v2_params>(arguments);
      return other_.birth(*a.dptr, bytes_of(a.bytesize));
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz: {
      const auto& a = as<cuMemAllocAsync_params>(arguments);
      return other_.birth(*a.dptr, bytes_of(a.bytesize));
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz: {
      const auto& a = as<cuMemAllocFromPoolAsync_params>(arguments);
      return (a.pool == pool_ ? tensors_ : other_).birth(*a.dptr, bytes_of(a.bytesize));
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2: return death(as<cuMemFree_v2_params>(arguments).dptr);
    case CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz: return death(as<cuMemFreeAsync_params>(arguments).dptr);
    case CUPTI_DRIVER_TRACE_CBID_cuMemCreate: {
      const auto& a = as<cuMemCreate_params>(arguments);
      const bool is_on_device = a.prop->location.type == CU_MEM_LOCATION_TYPE_DEVICE;
      return is_on_device ? mapped_.birth(*a.handle, bytes_of(a.size)) : void();
    }
    case CUPTI_DRIVER_TRACE_CBID_cuMemRelease: return mapped_.death(as<cuMemRelease_params>(arguments).handle);
    default: return;
  }
}

void DriverCalls::death(std::uint64_t address) { (tensors_.contains(address) ? tensors_ : other_).death(address); }

Bytes DriverCalls::peak() const {
  const std::lock_guard lock(mutex_);
  return tensors_.peak();
}

Bytes DriverCalls::other_peak() const {
  const std::lock_guard lock(mutex_);
  return other_peak_;
}

bool DriverCalls::is_complete() const {
  const std::lock_guard lock(mutex_);
  return is_complete_;
}

}  // namespace headroom::measure::cuda

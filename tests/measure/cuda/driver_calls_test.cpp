#include "driver_calls.h"

#include <cuda.h>

#include "catch.h"

using namespace headroom;
using measure::cuda::DriverCalls;

namespace {

/// A handle that is only compared.
CUmemoryPool pool_number(std::uintptr_t number) { return reinterpret_cast<CUmemoryPool>(number); }

void allocate(DriverCalls& calls, CUdeviceptr address, std::size_t bytes) {
  const cuMemAlloc_v2_params arguments{&address, bytes};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2, &arguments);
}

void allocate_from(DriverCalls& calls, CUmemoryPool pool, CUdeviceptr address, std::size_t bytes) {
  const cuMemAllocFromPoolAsync_params arguments{&address, bytes, pool, nullptr};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync, &arguments);
}

void release_async(DriverCalls& calls, CUdeviceptr address) {
  const cuMemFreeAsync_params arguments{address, nullptr};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync_ptsz, &arguments);
}

}  // namespace

TEST_CASE("calls on the watched pool are counted apart from everything else") {
  DriverCalls calls;
  calls.watch(pool_number(16));
  allocate_from(calls, pool_number(16), 1024, 100);
  allocate_from(calls, pool_number(16), 2048, 50);
  release_async(calls, 1024);
  allocate_from(calls, pool_number(16), 1024, 70);
  allocate_from(calls, pool_number(32), 4096, 1000);
  allocate(calls, 8192, 500);
  CHECK(calls.peak() == 150_B);
  CHECK(calls.other_peak() == 1500_B);
  CHECK(calls.is_complete());
}

TEST_CASE("physical memory of mappings is other memory, by handle, on devices only") {
  DriverCalls calls;
  CUmemGenericAllocationHandle handle = 8192;
  CUmemAllocationProp properties{};
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  const cuMemCreate_params created{&handle, 2 << 20, &properties, 0};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemCreate, &created);
  allocate(calls, 8192, 500);  // an address that equals the handle is another block
  const cuMemRelease_params released{handle};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemRelease, &released);
  CHECK(calls.other_peak() == 2_MiB + 500_B);
  properties.location.type = CU_MEM_LOCATION_TYPE_HOST;
  const cuMemCreate_params on_host{&handle, 1 << 30, &properties, 0};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemCreate, &on_host);
  CHECK(calls.other_peak() == 2_MiB + 500_B);
}

TEST_CASE("releases of blocks from before the count and other calls change nothing") {
  DriverCalls calls;
  calls.watch(pool_number(16));
  release_async(calls, 1024);
  const cuMemFree_v2_params arguments{2048};
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2, &arguments);
  calls.see(CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize, nullptr);
  CHECK(calls.peak() == 0_B);
  CHECK(calls.other_peak() == 0_B);
}

TEST_CASE("a sum that no integer holds makes the count incomplete instead of wrong") {
  DriverCalls calls;
  allocate(calls, 1024, std::size_t{INT64_MAX});
  allocate(calls, 2048, std::size_t{INT64_MAX});
  CHECK_FALSE(calls.is_complete());
}

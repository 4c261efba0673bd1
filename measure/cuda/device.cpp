#include "device.h"

#include <fstream>

#include <fmt/format.h>

#include <headroom/kernels/cuda/cuda_check.h>
#include <headroom/measure/resource.h>
#include <headroom/models/error.h>

namespace headroom::measure::cuda {
namespace {

/// Why there is no device. CUDA calls a missing driver an insufficient one.
std::string reason_of(cudaError_t error) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) return "no NVIDIA driver is loaded";
  return cudaGetErrorString(error == cudaSuccess ? cudaErrorNoDevice : error);
}

int device_count() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0) return count;
  throw InputError(
      fmt::format("no CUDA device can be used here ({}): --backend host measures on the processor", reason_of(error)));
}

/// CUDA writes 13.1 as 13010.
std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

/// The release in the first line of the driver's version file: "NVRM version: NVIDIA UNIX ...  580.95.05  Tue ...".
std::string driver_release() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string word;
  while (file >> word) {
    const bool is_number = word.find_first_not_of("0123456789.") == std::string::npos;
    if (is_number && word.find('.') != std::string::npos) return word;
  }
  return {};
}

}  // namespace

CudaDevice find_device(int index) {
  const int count = device_count();
  if (index < 0 || index >= count) {
    throw InputError(fmt::format("--device must be between 0 and {}, not {}", count - 1, index));
  }
  cudaDeviceProp properties{};
  HEADROOM_CUDA(cudaGetDeviceProperties(&properties, index));
  return {index, properties.name, fmt::format("{}.{}", properties.major, properties.minor)};
}

void make_context(const CudaDevice& device) {
  HEADROOM_CUDA(cudaSetDevice(device.index));
  HEADROOM_CUDA(cudaFree(nullptr));  // what makes the context, where setting the device does not
}

MemoryReading read_memory() {
  std::size_t free = 0;
  std::size_t total = 0;
  HEADROOM_CUDA(cudaMemGetInfo(&free, &total));
  return {Bytes(static_cast<std::int64_t>(free)), Bytes(static_cast<std::int64_t>(total))};
}

std::vector<SoftwareVersion> cuda_software() {
  int driver = 0;
  int runtime = 0;
  HEADROOM_CUDA(cudaDriverGetVersion(&driver));
  HEADROOM_CUDA(cudaRuntimeGetVersion(&runtime));
  std::vector<SoftwareVersion> software = {{"CUDA driver", version_text(driver)},
                                           {"CUDA runtime", version_text(runtime)}};
  if (const std::string release = driver_release(); !release.empty()) software.push_back({"NVIDIA driver", release});
  return software;
}

Stream::Stream() { HEADROOM_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }

Stream::~Stream() { (void)cudaStreamDestroy(stream_); }

DeviceBlock::DeviceBlock(std::size_t bytes) : bytes_(bytes) {
  const cudaError_t error = cudaMalloc(&block_, bytes);
  if (error == cudaErrorMemoryAllocation) {
    throw RefusedAllocation(fmt::format("no memory for the workspace of {} bytes, and the device says: {}", bytes,
                                        cudaGetErrorString(error)));
  }
  HEADROOM_CUDA(error);
}

DeviceBlock::~DeviceBlock() { (void)cudaFree(block_); }

}  // namespace headroom::measure::cuda

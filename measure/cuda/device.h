#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include <headroom/models/bytes.h>
#include <headroom/models/record.h>

namespace headroom::measure::cuda {

/// A CUDA device of this machine.
struct CudaDevice {
  int index = 0;
  std::string name;
  std::string compute_capability;  ///< "9.0"
};

/// Without making a context. Throws InputError in one sentence where there is no driver, no device, or none with that
/// index.
[[nodiscard]] CudaDevice find_device(int index);

/// Makes this process's context on the device, which becomes the current one.
void make_context(const CudaDevice& device);

/// Memory of the current device as cudaMemGetInfo counts it: of all processes.
struct MemoryReading {
  Bytes free;
  Bytes total;
};
[[nodiscard]] MemoryReading read_memory();

/// CUDA driver and runtime, and the driver's own release where the system tells it.
[[nodiscard]] std::vector<SoftwareVersion> cuda_software();

/// A stream of the current device.
class Stream {
 public:
  Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();
  [[nodiscard]] cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Memory of the current device outside any pool, for the kernels' workspace.
class DeviceBlock {
 public:
  /// Throws RefusedAllocation where the device has no more memory.
  explicit DeviceBlock(std::size_t bytes);
  DeviceBlock(const DeviceBlock&) = delete;
  DeviceBlock& operator=(const DeviceBlock&) = delete;
  ~DeviceBlock();
  [[nodiscard]] std::span<std::byte> span() const { return {static_cast<std::byte*>(block_), bytes_}; }

 private:
  std::size_t bytes_;
  void* block_ = nullptr;
};

}  // namespace headroom::measure::cuda

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include <headroom/measure/device_trace.h>
#include <headroom/models/bytes.h>

namespace headroom::measure::cuda {

/// Nobody can observe; the message says why in words that go behind "measured without CUPTI: ".
class NoObserver : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What an observer of the device saw.
struct Observed {
  DeviceTrace trace;
  std::int64_t dropped = 0;                ///< records that could not be delivered or read
  std::optional<Bytes> driver_peak;        ///< of the watched pool, from the driver's calls
  std::optional<Bytes> driver_other_peak;  ///< of device memory outside it
  std::string version;
  std::vector<std::string> notes;
};

/// Somebody who sees what the device's allocator does and is not told by our bookkeeping.
class DeviceObserver {
 public:
  DeviceObserver() = default;
  DeviceObserver(const DeviceObserver&) = delete;
  DeviceObserver& operator=(const DeviceObserver&) = delete;
  virtual ~DeviceObserver() = default;

  /// Nanoseconds on the clock of its records.
  [[nodiscard]] virtual std::uint64_t now() = 0;
  /// The pool that tensors come from: the driver's calls are counted for it and for everything else.
  virtual void watch(cudaMemPool_t pool) = 0;
  /// Waits for the device and stops.
  [[nodiscard]] virtual Observed finish() = 0;
};

/// CUPTI, from now on; before the process has a context. `kernels`: trace their launches too.
/// Throws NoObserver where this program was built without CUPTI, its library is not there, or it refuses.
[[nodiscard]] std::unique_ptr<DeviceObserver> observe_through_cupti(bool kernels);

}  // namespace headroom::measure::cuda

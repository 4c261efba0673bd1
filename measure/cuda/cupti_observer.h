#pragma once

#include "cupti_library.h"
#include "device_observer.h"
#include "driver_calls.h"

namespace headroom::measure::cuda {

/// CUPTI's activity records of memory, pools and kernels, and the driver's calls as a second count. One at a time.
class Cupti final : public DeviceObserver {
 public:
  /// Starts. Throws NoObserver. Where only the driver's calls cannot be heard, a note says so and the records go on.
  explicit Cupti(bool kernels);
  Cupti(const Cupti&) = delete;
  Cupti& operator=(const Cupti&) = delete;
  ~Cupti() override;

  [[nodiscard]] std::uint64_t now() override;
  void watch(cudaMemPool_t pool) override { calls_.watch(pool); }
  [[nodiscard]] Observed finish() override;

 private:
  void start_records(bool kernels);
  void start_calls();
  void stop() noexcept;
  void unsubscribe() noexcept;

  const CuptiLibrary& cupti_;
  std::vector<CUpti_ActivityKind> kinds_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  DriverCalls calls_;
  std::vector<std::string> notes_;
};

}  // namespace headroom::measure::cuda

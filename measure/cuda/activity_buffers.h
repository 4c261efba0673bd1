#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <cupti.h>

namespace headroom::measure::cuda {

/// A buffer that CUPTI has filled.
struct ActivityBuffer {
  std::unique_ptr<std::uint64_t[]> memory;  // NOLINT(modernize-avoid-c-arrays): aligned as CUPTI wants it
  std::size_t valid = 0;                    ///< bytes

  [[nodiscard]] std::uint8_t* bytes() const { return reinterpret_cast<std::uint8_t*>(memory.get()); }
};

/// The buffers of this process, between CUPTI's callbacks and whoever reads the records. A request gets fresh memory:
/// every thread may hold one. A filled buffer is only put away here: nothing is read or asked inside a callback.
class ActivityBuffers {
 public:
  static ActivityBuffers& get();

  static void CUPTIAPI request(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records);
  static void CUPTIAPI complete(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t size,
                                std::size_t valid);

  /// Those filled so far, in the order of their arrival.
  [[nodiscard]] std::vector<ActivityBuffer> take();
  /// How often no memory was to be had, since the last time this was asked.
  [[nodiscard]] std::int64_t take_refusals();

 private:
  std::mutex mutex_;
  std::vector<ActivityBuffer> filled_;
  std::int64_t refusals_ = 0;
};

}  // namespace headroom::measure::cuda

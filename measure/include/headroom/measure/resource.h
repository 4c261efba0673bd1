#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace headroom::measure {

/// Memory that could not be had: a limit would be exceeded or the system has no more. The message is one sentence that
/// names the tensor, the bytes asked for, the bytes that live and the limit or the system's reason.
class RefusedAllocation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where tensors lie: the host's memory, or a device's stream-ordered pool. One block a tensor.
class Resource {
 public:
  Resource() = default;
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  virtual ~Resource() = default;

  /// A block of `bytes` > 0, aligned to 64 bytes. Throws RefusedAllocation with the system's reason.
  [[nodiscard]] virtual void* allocate(std::int64_t bytes) = 0;
  virtual void deallocate(void* block, std::int64_t bytes) noexcept = 0;

  /// Copies between a block of this resource and the program's own memory; done when they return. Several threads may
  /// upload at once.
  virtual void upload(void* block, const void* from, std::int64_t bytes) = 0;
  virtual void download(void* to, const void* block, std::int64_t bytes) = 0;

  /// Whether blocks are the program's own memory, which kernels of the host can read and write.
  [[nodiscard]] virtual bool is_on_host() const { return false; }
};

}  // namespace headroom::measure

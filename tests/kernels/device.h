#pragma once

#include <cstddef>

#include <headroom/kernels/backend.h>

namespace headroom::test {

/// What the contract needs of a backend: the backend, and memory that its kernels can reach.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  [[nodiscard]] virtual kernels::Backend& backend() = 0;
  [[nodiscard]] virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
};

/// The device that the contract is held against; each test program that links the contract defines it.
[[nodiscard]] Device& device();

/// Its backend.
[[nodiscard]] inline kernels::Backend& backend() { return device().backend(); }

}  // namespace headroom::test

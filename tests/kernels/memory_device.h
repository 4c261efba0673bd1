#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "device.h"

namespace headroom::test {

/// A backend whose kernels reach the program's own memory.
class MemoryDevice final : public Device {
 public:
  explicit MemoryDevice(std::unique_ptr<kernels::Backend> backend) : backend_(std::move(backend)) {}

  [[nodiscard]] kernels::Backend& backend() override { return *backend_; }
  [[nodiscard]] void* allocate(std::size_t bytes) override { return ::operator new(bytes); }
  void release(void* memory) override { ::operator delete(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }

 private:
  std::unique_ptr<kernels::Backend> backend_;
};

}  // namespace headroom::test

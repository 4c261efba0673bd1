#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include <headroom/kernels/host/host.h>

#include "device.h"

namespace headroom::test {

/// Memory aligned to 64 bytes.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t size) : data_(new (std::align_val_t{64}) std::byte[size]), size_(size) {}
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;
  ~AlignedBytes() { ::operator delete[](data_, std::align_val_t{64}); }

  [[nodiscard]] std::span<std::byte> bytes() const { return {data_, size_}; }

 private:
  std::byte* data_;
  std::size_t size_;
};

class HostDevice final : public Device {
 public:
  explicit HostDevice(int threads)
      : workspace_(static_cast<std::size_t>(threads) * kernels::kHostWorkspacePerThread),
        backend_(kernels::make_host_backend(threads, workspace_.bytes())) {}

  [[nodiscard]] kernels::Backend& backend() override { return *backend_; }
  [[nodiscard]] void* allocate(std::size_t bytes) override { return ::operator new(bytes); }
  void release(void* memory) override { ::operator delete(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }

 private:
  AlignedBytes workspace_;
  std::unique_ptr<kernels::Backend> backend_;
};

}  // namespace headroom::test

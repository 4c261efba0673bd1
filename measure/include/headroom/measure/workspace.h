#pragma once

#include <cstddef>
#include <span>

#include <headroom/measure/resource.h>

namespace headroom::measure {

/// Memory for kernels' temporaries: outside the tensors and their bookkeeping.
class Workspace {
 public:
  Workspace(Resource& resource, std::int64_t bytes)
      : resource_(resource), bytes_(bytes), block_(resource.allocate(bytes)) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() { resource_.deallocate(block_, bytes_); }

  [[nodiscard]] std::span<std::byte> span() const {
    return {static_cast<std::byte*>(block_), static_cast<std::size_t>(bytes_)};
  }

 private:
  Resource& resource_;
  std::int64_t bytes_;
  void* block_;
};

}  // namespace headroom::measure

#include "activity_buffers.h"

#include <new>
#include <utility>

namespace headroom::measure::cuda {
namespace {

constexpr std::size_t kWords = std::size_t{4} << 17U;  // 4 MiB

}  // namespace

ActivityBuffers& ActivityBuffers::get() {
  // Never destroyed: CUPTI may give a buffer back while the process ends.
  static auto& buffers = *new ActivityBuffers;
  return buffers;
}

void ActivityBuffers::request(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  auto* memory = new (std::nothrow) std::uint64_t[kWords];
  *buffer = reinterpret_cast<std::uint8_t*>(memory);
  *size = memory == nullptr ? 0 : kWords * sizeof *memory;
  *most_records = 0;  // as many as fit
  if (memory != nullptr) return;
  const std::lock_guard lock(get().mutex_);
  ++get().refusals_;
}

void ActivityBuffers::complete(CUcontext /*context*/, std::uint32_t /*stream*/, std::uint8_t* buffer,
                               std::size_t /*size*/, std::size_t valid) {
  ActivityBuffer filled{std::unique_ptr<std::uint64_t[]>(reinterpret_cast<std::uint64_t*>(buffer)), valid};
  if (valid == 0) return;
  const std::lock_guard lock(get().mutex_);
  get().filled_.push_back(std::move(filled));
}

std::vector<ActivityBuffer> ActivityBuffers::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(filled_, {});
}

std::int64_t ActivityBuffers::take_refusals() {
  const std::lock_guard lock(mutex_);
  return std::exchange(refusals_, 0);
}

}  // namespace headroom::measure::cuda

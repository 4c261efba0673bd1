#pragma once

#include <headroom/measure/resource.h>

namespace headroom::measure {

/// Blocks from this size on are mapped one by one.
inline constexpr std::int64_t kMappedFrom = std::int64_t{64} << 10;

/// The host's memory. Blocks of kMappedFrom bytes and more are mapped one by one and unmapped at death, so that use
/// after death faults; smaller ones come from the heap. Every block is filled with 0xFF at birth, which is NaN in fp32
/// and bf16: no page stays untouched, and what is read before it was written shows.
class HostResource : public Resource {
 public:
  [[nodiscard]] void* allocate(std::int64_t bytes) override;
  void deallocate(void* block, std::int64_t bytes) noexcept override;
  void upload(void* block, const void* from, std::int64_t bytes) override;
  void download(void* to, const void* block, std::int64_t bytes) override;
  [[nodiscard]] bool is_on_host() const override { return true; }
};

}  // namespace headroom::measure

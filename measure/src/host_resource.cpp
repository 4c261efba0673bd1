#include <headroom/measure/host_resource.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <sys/mman.h>

namespace headroom::measure {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr int kNaNByte = 0xFF;

[[noreturn]] void refuse(int error) {
  throw RefusedAllocation(fmt::format("the system says: {}", std::generic_category().message(error)));
}

void* map(std::size_t bytes) {
  void* block = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) refuse(errno);
  return block;
}

void* from_heap(std::size_t bytes) {
  void* block = nullptr;
  const int error = ::posix_memalign(&block, kAlignment, bytes);
  if (error != 0) refuse(error);
  return block;
}

}  // namespace

void* HostResource::allocate(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes);
  void* block = bytes >= kMappedFrom ? map(size) : from_heap(size);
  return std::memset(block, kNaNByte, size);
}

void HostResource::deallocate(void* block, std::int64_t bytes) noexcept {
  if (bytes >= kMappedFrom) {
    ::munmap(block, static_cast<std::size_t>(bytes));
  } else {
    std::free(block);  // NOLINT(cppcoreguidelines-no-malloc): the other half of posix_memalign
  }
}

void HostResource::upload(void* block, const void* from, std::int64_t bytes) {
  std::memcpy(block, from, static_cast<std::size_t>(bytes));
}

void HostResource::download(void* to, const void* block, std::int64_t bytes) {
  std::memcpy(to, block, static_cast<std::size_t>(bytes));
}

}  // namespace headroom::measure

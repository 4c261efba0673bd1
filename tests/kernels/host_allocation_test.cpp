#include <catch.h>

#include <atomic>
#include <cerrno>

#include "every_operation.h"
#include "host_device.h"

// Every heap allocation of this program is counted: through the sanitizer's hook where there is one, else by standing
// in for glibc's own functions, which new and Eigen call.

namespace {

std::atomic<bool> counting{false};
std::atomic<std::size_t> allocations{0};

void count() {
  if (counting) ++allocations;
}

}  // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif

// glibc's and the sanitizer's own names begin with underscores.
// NOLINTBEGIN(bugprone-reserved-identifier)
#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_malloc_hook(const volatile void*, std::size_t) { count(); }
#else
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memptr, std::size_t alignment, std::size_t size) {
  *memptr = aligned_alloc(alignment, size);
  return *memptr == nullptr ? ENOMEM : 0;
}
}
#endif
// NOLINTEND(bugprone-reserved-identifier)

namespace headroom::test {

Device& device() {
  static HostDevice device(2);
  return device;
}

TEST_CASE("The count of allocations counts") {
  allocations = 0;
  counting = true;
  // Calls, not new-expressions: a compiler may leave those out.
  ::operator delete(::operator new(100));
  ::operator delete (::operator new (100, std::align_val_t{64}), std::align_val_t{64});
  counting = false;
  CHECK(allocations == 2);
}

TEST_CASE("No kernel allocates on the heap") {
  for (const Type type : {Type::fp32, Type::bf16}) {
    const auto values = run_every_operation(
        device(), type,
        [] {
          allocations = 0;
          counting = true;
        },
        [] { counting = false; });
    CHECK(allocations == 0);
    CHECK_FALSE(values.empty());
  }
}

}  // namespace headroom::test

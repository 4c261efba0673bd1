#include "activity_buffers.h"

#include <array>
#include <thread>
#include <vector>

#include "catch.h"

using headroom::measure::cuda::ActivityBuffers;

namespace {

struct Requested {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
};

Requested request() {
  Requested requested;
  std::size_t most = 99;
  ActivityBuffers::request(&requested.bytes, &requested.size, &most);
  CHECK(most == 0);
  return requested;
}

void complete(const Requested& requested, std::size_t valid) {
  ActivityBuffers::complete(nullptr, 0, requested.bytes, requested.size, valid);
}

}  // namespace

TEST_CASE("every request gets memory of its own, aligned to 8 bytes, and filled buffers come in order") {
  const Requested first = request();
  const Requested second = request();
  const Requested empty = request();
  CHECK(first.bytes != second.bytes);
  CHECK(reinterpret_cast<std::uintptr_t>(first.bytes) % 8 == 0);
  CHECK(first.size >= std::size_t{1} << 20);
  second.bytes[0] = 2;
  complete(second, 8);
  complete(empty, 0);
  complete(first, 16);
  const auto filled = ActivityBuffers::get().take();
  REQUIRE(filled.size() == 2);
  CHECK(filled[0].bytes() == second.bytes);
  CHECK(filled[0].bytes()[0] == 2);
  CHECK(filled[0].valid == 8);
  CHECK(filled[1].valid == 16);
  CHECK(ActivityBuffers::get().take().empty());
  CHECK(ActivityBuffers::get().take_refusals() == 0);
}

TEST_CASE("threads ask for buffers and give them back at the same time") {
  constexpr std::size_t kThreads = 4;
  constexpr int kRounds = 50;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int round = 0; round < kRounds; ++round) {
        Requested requested;
        std::size_t most = 0;
        ActivityBuffers::request(&requested.bytes, &requested.size, &most);
        complete(requested, 8);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(ActivityBuffers::get().take().size() == kThreads * kRounds);
}

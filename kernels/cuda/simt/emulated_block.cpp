#include "emulated_block.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace headroom::kernels::simt {

namespace {

constexpr std::size_t kSharedAlignment = 128;

/// Ends a fiber that nobody will resume.
struct Cancelled {};

std::byte* aligned(std::byte* p) {
  const auto misaligned = reinterpret_cast<std::uintptr_t>(p) % kSharedAlignment;
  return misaligned == 0 ? p : p + (kSharedAlignment - misaligned);
}

}  // namespace

EmulatedBlock::EmulatedBlock(const LaunchShape& shape)
    : shape_(shape),
      memory_(static_cast<std::size_t>(shape.shared_bytes) + kSharedAlignment),
      shared_(aligned(memory_.data())),
      fibers_(static_cast<std::size_t>(shape.threads)),
      waiting_(static_cast<std::size_t>(shape.threads)),
      warps_(static_cast<std::size_t>(shape.threads / kWarp)) {
  if (shape.threads < 1 || shape.threads % kWarp != 0 || shape.threads > 1024) {
    throw std::logic_error("a block has whole warps, up to 1024 threads");
  }
}

void EmulatedBlock::run(const GridIndex& place, const EmulatedKernel& kernel) {
  place_ = place;
  std::fill(memory_.begin(), memory_.end(), std::byte{0xFF});
  std::fill(waiting_.begin(), waiting_.end(), Waiting{});
  std::fill(warps_.begin(), warps_.end(), Warp{});
  barrier_ = {};
  start(kernel);
  run_to_the_end();
  reverse_ = !reverse_;
  if (failure_) std::rethrow_exception(failure_);
}

void EmulatedBlock::start(const EmulatedKernel& kernel) {
  for (int i = 0; i < shape_.threads; ++i) {
    fibers_[static_cast<std::size_t>(i)].start([this, &kernel, i] {
      try {
        Thread thread(*this, i);
        kernel(thread);
      } catch (const Cancelled&) {
      } catch (...) {
        if (!failure_) failure_ = std::current_exception();
      }
    });
  }
}

bool EmulatedBlock::run_those_that_can() {
  bool any = false;
  const std::size_t n = fibers_.size();
  for (std::size_t step = 0; step < n; ++step) {
    const std::size_t i = reverse_ ? n - 1 - step : step;
    if (fibers_[i].ended() || !waiting_[i].is_over()) continue;
    fibers_[i].resume();
    any = true;
  }
  return any;
}

void EmulatedBlock::run_to_the_end() {
  while (!failure_ && run_those_that_can()) {
  }
  const bool stuck = std::any_of(fibers_.begin(), fibers_.end(), [](const Fiber& fiber) { return !fiber.ended(); });
  if (!stuck) return;
  if (!failure_) {
    failure_ = std::make_exception_ptr(std::logic_error("a barrier is not reached by all threads of its block or warp"));
  }
  cancel();
}

void EmulatedBlock::cancel() {
  cancelled_ = true;
  for (Fiber& fiber : fibers_) {
    if (!fiber.ended()) fiber.resume();
  }
  cancelled_ = false;
}

void EmulatedBlock::wait(int thread, const Barrier& barrier) {
  waiting_[static_cast<std::size_t>(thread)] = {&barrier, barrier.generation};
  fibers_[static_cast<std::size_t>(thread)].pause();
  if (cancelled_) throw Cancelled{};
}

void EmulatedBlock::meet_warp(int thread, void* arguments, Collective collective) {
  Warp& warp = warps_[static_cast<std::size_t>(thread / kWarp)];
  if (warp.barrier.arrived == 0) warp.collective = collective;
  if (warp.collective != collective) throw std::logic_error("the threads of a warp meet in different operations");
  warp.arguments[static_cast<std::size_t>(thread % kWarp)] = arguments;
  if (++warp.barrier.arrived < kWarp) return wait(thread, warp.barrier);
  collective(warp.arguments);
  warp.barrier.arrived = 0;
  ++warp.barrier.generation;
}

void EmulatedBlock::meet_block(int thread) {
  if (++barrier_.arrived < shape_.threads) return wait(thread, barrier_);
  barrier_.arrived = 0;
  ++barrier_.generation;
}

void emulate(const LaunchShape& shape, const EmulatedKernel& kernel) {
  EmulatedBlock block(shape);
  for (std::int64_t z = 0; z < shape.blocks.z; ++z) {
    for (std::int64_t y = 0; y < shape.blocks.y; ++y) {
      for (std::int64_t x = 0; x < shape.blocks.x; ++x) block.run({x, y, z}, kernel);
    }
  }
}

}  // namespace headroom::kernels::simt

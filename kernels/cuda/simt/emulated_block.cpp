#include "emulated_block.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace headroom::kernels::simt {

namespace {

constexpr std::size_t kSharedAlignment = 128;

/// Ends a fiber that nobody will resume.
struct Cancelled {};

std::byte* aligned(std::byte* p) {
  const auto misaligned = reinterpret_cast<std::uintptr_t>(p) % kSharedAlignment;
  return misaligned == 0 ? p : p + (kSharedAlignment - misaligned);
}

/// Fibers of grids that have ended: a new stack costs more than most threads.
std::vector<std::unique_ptr<Fiber>>& spare_fibers() {
  thread_local std::vector<std::unique_ptr<Fiber>> spare;
  return spare;
}

}  // namespace

EmulatedBlock::EmulatedBlock(const LaunchShape& shape)
    : shape_(shape),
      memory_(static_cast<std::size_t>(shape.shared_bytes) + kSharedAlignment),
      shared_(aligned(memory_.data())),
      waiting_(static_cast<std::size_t>(shape.threads)),
      warps_(static_cast<std::size_t>(shape.threads / kWarp)) {
  if (shape.threads < 1 || shape.threads % kWarp != 0 || shape.threads > 1024) {
    throw std::logic_error("a block has whole warps, up to 1024 threads");
  }
}

EmulatedBlock::~EmulatedBlock() { std::move(fibers_.begin(), fibers_.end(), std::back_inserter(spare_fibers())); }

void EmulatedBlock::run(const GridIndex& place, const EmulatedKernel& kernel) {
  place_ = place;
  kernel_ = &kernel;
  started_ = 0;
  std::fill(memory_.begin(), memory_.end(), std::byte{0xFF});
  std::fill(warps_.begin(), warps_.end(), Warp{});
  barrier_ = {};
  run_to_the_end();
  reverse_ = !reverse_;
  if (failure_) std::rethrow_exception(failure_);
}

Fiber& EmulatedBlock::idle_fiber() {
  if (!idle_.empty()) {
    Fiber& fiber = *idle_.back();
    idle_.pop_back();
    return fiber;
  }
  std::vector<std::unique_ptr<Fiber>>& spare = spare_fibers();
  if (spare.empty()) spare.push_back(std::make_unique<Fiber>());
  Fiber& fiber = *fibers_.emplace_back(std::move(spare.back()));
  spare.pop_back();
  fiber.set_body([this, &fiber] { run_threads(fiber); });
  return fiber;
}

void EmulatedBlock::run_threads(Fiber& fiber) {
  while (started_ < shape_.threads && !failure_) run_thread(in_order(started_++));
  idle_.push_back(&fiber);
}

void EmulatedBlock::run_thread(int thread) {
  try {
    Thread self(*this, thread);
    (*kernel_)(self);
  } catch (const Cancelled&) {
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();
  }
}

void EmulatedBlock::start_all() {
  while (started_ < shape_.threads && !failure_) {
    running_ = &idle_fiber();
    running_->resume();
  }
}

bool EmulatedBlock::continue_those_that_can() {
  bool any = false;
  for (int step = 0; step < shape_.threads && !failure_; ++step) {
    Waiting& waiting = waiting_[static_cast<std::size_t>(in_order(step))];
    if (waiting.fiber == nullptr || !waiting.is_over()) continue;
    running_ = std::exchange(waiting.fiber, nullptr);
    running_->resume();
    any = true;
  }
  return any;
}

void EmulatedBlock::run_to_the_end() {
  start_all();
  while (!failure_ && continue_those_that_can()) {
  }
  const bool stuck =
      std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& waiting) { return waiting.fiber != nullptr; });
  if (!stuck) return;
  if (!failure_) {
    failure_ =
        std::make_exception_ptr(std::logic_error("a barrier is not reached by all threads of its block or warp"));
  }
  cancel();
}

void EmulatedBlock::cancel() {
  cancelled_ = true;
  for (Waiting& waiting : waiting_) {
    if (waiting.fiber != nullptr) std::exchange(waiting.fiber, nullptr)->resume();
  }
  cancelled_ = false;
}

void EmulatedBlock::wait(int thread, const Barrier& barrier) {
  Fiber& fiber = *running_;
  waiting_[static_cast<std::size_t>(thread)] = {&barrier, barrier.generation, &fiber};
  fiber.pause();
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

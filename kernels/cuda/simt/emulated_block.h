#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "emulated_thread.h"
#include "fiber.h"
#include "launch_shape.h"

namespace headroom::kernels::simt {

/// A kernel's body, called once for each thread.
using EmulatedKernel = std::function<void(Thread&)>;

/// The blocks of one grid, one after the other on the processor. Shared memory begins as NaN. Threads run in order in
/// one block and in reverse in the next, so that a forgotten barrier shows in one of them. A fiber runs threads one
/// behind the other; only where one has to wait does it stay with that one, and another fiber takes the next.
/// Throws what a thread throws, and std::logic_error where a barrier is not reached by all threads or the threads of a
/// warp meet in different operations.
class EmulatedBlock {
 public:
  explicit EmulatedBlock(const LaunchShape& shape);
  EmulatedBlock(const EmulatedBlock&) = delete;
  EmulatedBlock& operator=(const EmulatedBlock&) = delete;
  ~EmulatedBlock();

  void run(const GridIndex& place, const EmulatedKernel& kernel);

  [[nodiscard]] const LaunchShape& shape() const { return shape_; }
  [[nodiscard]] const GridIndex& place() const { return place_; }
  [[nodiscard]] std::byte* shared_memory() { return shared_; }

  static constexpr int kWarp = 32;
  using Arguments = std::array<void*, kWarp>;
  /// What a warp does together once all its lanes have come with their arguments.
  using Collective = void (*)(const Arguments&);

  void meet_warp(int thread, void* arguments, Collective collective);
  void meet_block(int thread);

 private:
  /// A barrier: who waits for it continues when its generation has passed.
  struct Barrier {
    int arrived = 0;
    int generation = 0;
  };
  struct Warp {
    Barrier barrier;
    Arguments arguments{};
    Collective collective = nullptr;
  };
  /// A thread that has begun and not ended, and the fiber that stays with it.
  struct Waiting {
    const Barrier* barrier = nullptr;
    int generation = 0;
    Fiber* fiber = nullptr;

    [[nodiscard]] bool is_over() const { return barrier->generation != generation; }
  };

  [[nodiscard]] Fiber& idle_fiber();
  void run_threads(Fiber& fiber);
  void run_thread(int thread);
  void start_all();
  bool continue_those_that_can();
  void run_to_the_end();
  void cancel();
  void wait(int thread, const Barrier& barrier);
  [[nodiscard]] int in_order(int step) const { return reverse_ ? shape_.threads - 1 - step : step; }

  LaunchShape shape_;
  GridIndex place_;
  std::vector<std::byte> memory_;
  std::byte* shared_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  std::vector<Waiting> waiting_;
  const EmulatedKernel* kernel_ = nullptr;
  Fiber* running_ = nullptr;
  int started_ = 0;  ///< threads of this block
  std::vector<Warp> warps_;
  Barrier barrier_;
  bool reverse_ = false;
  bool cancelled_ = false;
  std::exception_ptr failure_;
};

/// Runs a whole grid.
void emulate(const LaunchShape& shape, const EmulatedKernel& kernel);

}  // namespace headroom::kernels::simt

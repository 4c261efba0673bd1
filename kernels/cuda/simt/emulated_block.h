#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <vector>

#include "emulated_thread.h"
#include "fiber.h"
#include "launch_shape.h"

namespace headroom::kernels::simt {

/// A kernel's body, called once for each thread.
using EmulatedKernel = std::function<void(Thread&)>;

/// The blocks of one grid, one after the other on the processor, each thread a fiber. Shared memory begins as NaN.
/// Threads run in order in one block and in reverse in the next, so that a forgotten barrier shows in one of them.
/// Throws what a thread throws, and std::logic_error where a barrier is not reached by all threads or the threads of a
/// warp meet in different operations.
class EmulatedBlock {
 public:
  explicit EmulatedBlock(const LaunchShape& shape);

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
  struct Waiting {
    const Barrier* barrier = nullptr;
    int generation = 0;

    [[nodiscard]] bool is_over() const { return barrier == nullptr || barrier->generation != generation; }
  };

  void start(const EmulatedKernel& kernel);
  bool run_those_that_can();
  void run_to_the_end();
  void cancel();
  void wait(int thread, const Barrier& barrier);

  LaunchShape shape_;
  GridIndex place_;
  std::vector<std::byte> memory_;
  std::byte* shared_;
  std::deque<Fiber> fibers_;
  std::vector<Waiting> waiting_;
  std::vector<Warp> warps_;
  Barrier barrier_;
  bool reverse_ = false;
  bool cancelled_ = false;
  std::exception_ptr failure_;
};

/// Runs a whole grid.
void emulate(const LaunchShape& shape, const EmulatedKernel& kernel);

}  // namespace headroom::kernels::simt
